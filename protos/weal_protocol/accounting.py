"""What rounds of private aggregation cost: user-level (epsilon, delta), add/remove adjacency.

Each round is one Gaussian mechanism of L2 sensitivity `clip` and standard deviation `sigma * clip`, over a Poisson sample of
the registered persons with rate q. Rounds are composed numerically as privacy loss distributions (Koskela et
al. 2020; Google's dp-accounting library). A round in which no one answered counts like any other.
"""

import functools


@functools.lru_cache(maxsize=512)
def epsilon(rounds: int, sampling_rate: float, sigma: float, delta: float) -> float:
    """Return epsilon after this many rounds; 0 for none. Takes a fraction of a second when it was not asked before."""
    if rounds == 0:
        return 0.0
    import dp_accounting  # half a second to import, and only rounds need it
    from dp_accounting import pld

    accountant = pld.PLDAccountant()
    event = dp_accounting.PoissonSampledDpEvent(sampling_rate, dp_accounting.GaussianDpEvent(sigma))
    accountant.compose(event, rounds)
    return float(accountant.get_epsilon(delta))
