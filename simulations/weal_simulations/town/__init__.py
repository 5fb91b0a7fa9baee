"""A town: many nodes and a coordinator in one process or as real ones, and plots that they play."""
