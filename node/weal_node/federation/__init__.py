"""One's part in a community: membership, and rounds in which only a clipped, noised contribution leaves."""
