"""The process that answers one round: it is handed statistics, a key and an address, and nothing else of the node."""
