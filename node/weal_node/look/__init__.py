"""What can be found in a person's own notes by rule, each line cited. Pure: notes in, lines out."""
