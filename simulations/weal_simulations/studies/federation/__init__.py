"""Studies of what a community learns together, and at what cost in privacy."""
