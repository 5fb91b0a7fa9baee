"""Where bytes leave: the community's coordinator. Nothing here decides; the loop writes the disclosure first."""
