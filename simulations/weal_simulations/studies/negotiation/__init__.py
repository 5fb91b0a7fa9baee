"""Studies of deals among agents."""
