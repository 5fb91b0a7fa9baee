"""Search over everything this node knows: the index, the ranking, and what is held in memory for them."""
