"""What goes wrong on purpose: nodes that die at a write, wires that replay, reorder and lie."""
