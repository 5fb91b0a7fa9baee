"""Studies of what is shared, found and copied."""
