"""Whether the node is well, backups, export, erasure, and the work that runs in the background."""
