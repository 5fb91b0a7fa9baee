"""Weal's community coordinator: membership, commons, blind relay and private aggregation."""
