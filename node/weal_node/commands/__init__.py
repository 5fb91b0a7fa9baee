"""What the commands of `weal` do, once for a node that runs and a home in which none does."""
