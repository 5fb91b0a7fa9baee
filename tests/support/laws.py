"""How many inputs a law is tried with: all in the whole suite, an eighth of them by the fast command."""

EIGHTH = 8
few = False  # set once, before any test is read, where the slow tests are left out


def examples(most: int) -> int:
    """Return how many inputs Hypothesis makes for a law that deserves so many."""
    return most // EIGHTH if few else most
