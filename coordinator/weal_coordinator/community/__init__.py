"""The community's rules, as values: nothing in here touches disk, wire or clock."""
