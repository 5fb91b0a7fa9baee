"""Many synthetic people on the same code: studies, and the demonstration of the whole house."""
