"""A2A at the edge: an agent of another make can find this one, invite it to a deal and answer its offers."""
