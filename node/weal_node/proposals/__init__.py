"""What could be put to the person, found in notes. Pure."""
