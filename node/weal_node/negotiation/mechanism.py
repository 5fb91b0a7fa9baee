"""How agents search: which mechanism, with which parameters, and in which steps.

`seed-shortlist` for those who know each other; `concession` for two strangers, `masked` for several: they tell less, and
find less. Parameters travel in the invitation; what is not sane is refused. Why there are three rounds, not the design's four or
two, and why offers in turn are not committed to: decisions/0017, measured in simulations/LOG.md.
"""

import math

from weal_node.negotiation import ballots, utility
from weal_node.negotiation.space import OptionSpace
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import negotiation_pb2

SEED_SHORTLIST, CONCESSION, MASKED = "seed-shortlist", "concession", "masked"
ADDITIVE = negotiation_pb2.Mechanism(name=SEED_SHORTLIST, rounds=3, candidates=6, score_bits=4, seed_bits=2, menu=5)
UNKNOWN = negotiation_pb2.Mechanism(name=SEED_SHORTLIST, rounds=3, candidates=12, score_bits=3, seed_bits=2, menu=5)
OFFERS = negotiation_pb2.Mechanism(name=CONCESSION, rounds=25, menu=1)
SUMS = negotiation_pb2.Mechanism(name=MASKED, rounds=3, candidates=6, score_bits=4, seed_bits=5, menu=5)

Step = tuple[str, int]  # a phase and its number


def suited(parties: int, known: bool, additive: bool) -> negotiation_pb2.Mechanism:
    """Return the mechanism for so many parties. known: whether all are known peers.  additive: whether this side's model
    is known to value each issue by itself."""
    if not known:
        return OFFERS if parties == 2 else SUMS
    return ADDITIVE if additive else UNKNOWN


def is_offers_only(by: negotiation_pb2.Mechanism) -> bool:
    """Whether it is one for strangers: no agent's scores can be read. Offers alone between two, masked sums among several."""
    return by.name != SEED_SHORTLIST


def steps(by: negotiation_pb2.Mechanism) -> tuple[Step, ...]:
    """Return the exchanges of a mechanism, in order; people rank in the last one. None where agents make offers."""
    if by.name == CONCESSION:
        return ()
    keys: tuple[Step, ...] = (("keys", 0),) if by.name == MASKED else ()
    return (*keys, ("seed", 0), *(("score", number) for number in range(by.rounds)), ("menu", 0))


def check(by: negotiation_pb2.Mechanism) -> negotiation_pb2.Mechanism:
    """Return a mechanism that came over the wire; MalformedError when it is not one that is known here."""
    if by.name == CONCESSION:
        sane = 1 <= by.rounds <= 50 and by.menu == 1
    else:
        sane = by.name in {SEED_SHORTLIST, MASKED} and 1 <= by.rounds <= 8 and 1 <= by.candidates <= 16
        sane = sane and 1 <= by.score_bits <= 8 and 1 <= by.seed_bits <= 6 and 1 <= by.menu <= 5
    if not sane:
        raise MalformedError("an invitation names a mechanism that is not known here", "Do both run the same version?")
    return by


def most_bits(by: negotiation_pb2.Mechanism, options: OptionSpace) -> float:
    """How many bits a whole bargain discloses to the others, at most."""
    if by.name == CONCESSION:
        return by.rounds * math.log2(max(options.size, 2))
    scores = by.candidates * (2 if by.name == MASKED else 1)  # masked, a refusal is a value of its own
    bits = by.seed_bits * sum(options.sizes) + by.rounds * scores * by.score_bits
    bits += utility.IMPORTANCE_BITS * len(options.sizes) if by.name == SEED_SHORTLIST else 0
    return bits + math.log2(ballots.count(by.menu))
