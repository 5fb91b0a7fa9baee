"""The community's services over gRPC: thin; each checks who asks, asks the store, answers."""
