"""What negotiation is held against: everyone's utilities in one hand, a single text that all vote on; and what leaks."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from weal_node.negotiation import concession, masked, mechanism, shortlist, utility
from weal_node.negotiation.session import Session
from weal_simulations.domains import Domain

Array = npt.NDArray[np.float64]
VOTES = 100  # changes that a single text goes through
EXACT = 32  # bits of a number told as it is


def full_information(gains: Array) -> int | None:
    """Return the best product of gains as the models see them, None where they see none."""
    best = int(shortlist.product(list(gains.T)).argmax())
    return best if (gains[best] > 0).all() else None


def single_text(
    domain: Domain, gains: Array, generator: np.random.Generator
) -> tuple[int | None, list[tuple[int, int, npt.NDArray[np.bool_]]]]:
    """Return where a mediator's text ends that changes where everybody votes for it (Klein et al. 2003), and all votes:
    the text, the change, who was for it."""
    text, votes = int(generator.integers(len(gains))), []
    for _ in range(VOTES):
        option = list(np.unravel_index(text, domain.sizes))
        for issue in generator.choice(
            len(option), 1 if len(option) < 2 or generator.random() < 0.75 else 2, replace=False
        ):
            option[issue] = (option[issue] + generator.integers(1, max(domain.sizes[issue], 2))) % domain.sizes[issue]
        changed = int(np.ravel_multi_index(option, domain.sizes))
        voted = gains[changed] >= gains[text]
        votes.append((text, changed, voted))
        text = changed if voted.all() else text
    return (text if (gains[text] > 0).all() else None), votes


def read_votes(domain: Domain, votes: list[tuple[int, int, npt.NDArray[np.bool_]]], party: int) -> Array:
    """Return what votes tell of a party's utility (n,): ridge regression on what changed."""
    features = sum(domain.sizes)
    inner, right = np.eye(features), np.zeros(features)
    for before, after, voted in votes:
        row = np.zeros(features)
        row[shortlist.places(after, domain.sizes)] += 1
        row[shortlist.places(before, domain.sizes)] -= 1
        inner += np.outer(row, row)
        right += row * (1.0 if voted[party] else -1.0)
    return shortlist.over_all(np.linalg.solve(inner, right).astype(np.float64), domain.sizes)


def leak(domain: Domain, stands: Session, gains: Array) -> float:
    """Return how well the parties can rank each other's outcomes after all that was said: the mean Spearman correlation of
    the best estimate with the truth. gains: what each side's model sees, for what it knows of its own part of a sum."""
    pairs = [(of, by) for of in range(domain.parties) for by in range(domain.parties) if of != by]
    found = [spearman(_estimate(stands, of, by, gains), domain.utilities[:, of]) for of, by in pairs]
    return float(np.mean(found))


def spearman(one: Array, other: Array) -> float:
    """Return the rank correlation, 0 where one is constant."""
    if np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return 0.0
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def _estimate(stands: Session, of: int, by: int, gains: Array) -> Array:
    sizes = stands.known().sizes
    if stands.mechanism.name == mechanism.CONCESSION:
        return concession.liking(stands.offers, of, sizes)
    if isinstance(stands.public, shortlist.Shortlist):
        return -shortlist.over_all(stands.public.beliefs[of].mean, sizes)
    if isinstance(stands.public, masked.Sums):  # what all know of the sum, less one's own part
        mean, levels = stands.public.belief()[0] / masked.STEEPNESS, 2**stands.mechanism.seed_bits - 1
        own = np.array(masked.coarse(utility.contributions(gains[:, by], sizes), stands.mechanism.seed_bits)) / levels
        return shortlist.over_all(mean - own, sizes)
    return np.zeros(len(gains))
