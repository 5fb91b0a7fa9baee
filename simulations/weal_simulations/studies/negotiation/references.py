"""What negotiation is held against: everyone's utilities in one hand, a single text that all vote on; and what leaks."""

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from weal_node.negotiation import concession, masked, mechanism, shortlist, utility
from weal_node.negotiation.negotiation import Negotiation
from weal_simulations.worlds.domains import Domain

Array = npt.NDArray[np.float64]
Vote = tuple[int | None, int, npt.NDArray[np.bool_]]  # the text as it stands (None: no deal), the change, who is for it
VOTES = 400  # texts that are voted on
HEAT = 0.1  # at the start, as a share of each party's range: how much of it may be given up for a change, now and then
EXACT = 32  # bits of a number told as it is


def full_information(gains: Array) -> int | None:
    """Return the best product of gains as the models see them, None where they see none."""
    best = int(shortlist.product(list(gains.T)).argmax())
    return best if (gains[best] > 0).all() else None


def single_text(domain: Domain, gains: Array, generator: np.random.Generator) -> tuple[int | None, list[Vote]]:
    """Return where a mediator's text ends, None for no deal, and all votes. gains: (n, parties), as the models see them.

    The mediated single text of Klein, Faratin, Sayama and Bar-Yam, "Negotiating complex contracts" (Group Decision and Negotiation 12, 2003), with annealing agents: the
    mediator changes the last text that everyone voted for in one issue or two; a change that costs a party d is voted for with probability exp(-d / T), one that costs it nothing always, and T
    falls to 0 over the votes. Two things are not as there: the text starts from no deal (whole texts are drawn until everyone is for one), and nobody ever votes for what it believes is worse than no deal,
    since here parties have something to lose. Both help it, as do 400 votes against 100 and HEAT, chosen on seeds 101 to 106 among 0 to .4 (simulations/LOG.md).
    """
    text, votes, ranges = None, list[Vote](), np.maximum(np.ptp(gains, 0), 1e-12)
    for number in range(VOTES):
        changed = int(generator.integers(len(gains))) if text is None else _change(text, domain.sizes, generator)
        lost = ((0.0 if text is None else gains[text]) - gains[changed]) / ranges
        chance = np.exp(-np.maximum(lost, 0.0) / (HEAT * (1 - number / VOTES)))
        voted = (generator.random(len(lost)) < chance) & (gains[changed] > 0)
        votes.append((text, changed, voted))
        text = changed if voted.all() else text
    return text, votes


def _change(text: int, sizes: tuple[int, ...], generator: np.random.Generator) -> int:
    """Return a text that differs in one issue, or now and then in two; an issue of one value stays as it is."""
    option = list(np.unravel_index(text, sizes))
    for issue in generator.choice(len(sizes), 1 if len(sizes) < 2 or generator.random() < 0.75 else 2, replace=False):
        option[issue] = (option[issue] + generator.integers(1, max(sizes[issue], 2))) % sizes[issue]
    return int(np.ravel_multi_index(option, sizes))


def read_votes(domain: Domain, votes: list[Vote], party: int) -> Array:
    """Return what votes tell of a party's utility (n,): ridge regression on what changed, or on the whole text where the other choice was no deal."""
    changes = np.zeros((len(votes), sum(domain.sizes)))
    for row, (before, after, _) in zip(changes, votes, strict=True):
        row[shortlist.places(after, domain.sizes)] += 1
        if before is not None:
            row[shortlist.places(before, domain.sizes)] -= 1
    said = np.array([1.0 if voted[party] else -1.0 for _, _, voted in votes])
    found = changes.T @ np.linalg.solve(np.eye(len(votes)) + changes @ changes.T, said)  # as many unknowns as votes
    return shortlist.over_all(found, domain.sizes)


def leak(domain: Domain, stands: Negotiation, gains: Array) -> float:
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


def _estimate(stands: Negotiation, of: int, by: int, gains: Array) -> Array:
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
