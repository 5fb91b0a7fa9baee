"""Studies of what the agent learns about one person."""
