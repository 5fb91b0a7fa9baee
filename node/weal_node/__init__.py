"""Weal's personal node: one person, one vault, one private reward model, one agent."""
