"""What a node answers other members' nodes: one TLS server, behind a door that only members pass."""
