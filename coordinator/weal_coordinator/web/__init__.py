"""The community's public page."""
