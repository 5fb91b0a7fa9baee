"""What drives bargains: the product's sessions over a socket in memory, or whole nodes over gRPC."""
