"""What this node makes of a round's terms, whoever names them: bounds that cost nothing to look at, then its own account.

Pure. The bounds come first, since the accountant's work grows without limit with what a coordinator may ask for.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.config import Settings
from weal_node.errors import RefusedError
from weal_node.store import rounds, tiers
from weal_node.store.rounds import Round
from weal_protocol import accounting
from weal_protocol.accounting import MOST_KINDS, Spent
from weal_protocol.contribution import layout_of
from weal_protocol.errors import MalformedError
from weal_protocol.terms import Terms
from weal_protocol.v1 import release_pb2

MOST_CLIP = 1e6
Rules = tuple[float, float]  # sampling rate, noise multiplier


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the person agreed that rounds may cost, None where the charter says nothing that can be accounted for; and whether the charter
    in force says something else, so that rounds wait for their word."""

    terms: Terms | None = None
    waits: bool = False


def refuse_unfit(
    notice: release_pb2.RoundNotice,
    tier: str,
    past: Sequence[Round],
    settings: Settings,
    lost: int = 0,
    agreement: Agreement = Agreement(),
) -> None:
    """RefusedError names what is wrong with a notice, as far as that can be seen at once. past: rounds agreed to so far.  lost: how
    many more count as agreed to.  agreement: to the terms of the charter."""
    if tier == tiers.NOTHING:
        raise RefusedError("this node gives nothing to aggregation")
    if past and rounds.newest(past) >= notice.number:
        raise RefusedError("this round, or a later one, was answered before")
    if len(past) + lost >= settings.round_cap:
        raise RefusedError(f"this node answers at most {settings.round_cap} rounds")
    if notice.aggregation != "central":
        raise RefusedError("a round of a kind that is not known here")
    try:
        layout_of(notice.tier)
    except MalformedError as fault:
        raise RefusedError(fault.what, fault.hint) from fault
    if not 0.0 < notice.clip < MOST_CLIP:
        raise RefusedError("a round whose terms make no sense: its clip is not above 0 and below 1e6")
    if wrong := accounting.unfit(notice.number, notice.sampling_rate, notice.sigma, notice.delta):
        raise RefusedError(f"a round whose terms make no sense: {wrong}")
    if notice.delta > settings.delta_cap:
        raise RefusedError(f"a round whose delta is above this node's cap of {settings.delta_cap:g}")
    if agreement.waits:
        raise RefusedError("the charter changed what rounds cost, and this node's person has not agreed to that yet")
    terms = agreement.terms
    if terms and (notice.sampling_rate, notice.sigma, notice.delta) != (terms.sampling_rate, terms.sigma, terms.delta):
        raise RefusedError("a round by other rules than those of the charter that this node's person agreed to")


def spent_after(notice: release_pb2.RoundNotice, past: Sequence[Round], cap: float) -> float:
    """Return epsilon after this round by our own account; RefusedError where that is above the cap. Up to seconds of work.

    It never falls, and where the coordinator's own ledger says more, that counts.
    """
    history = reckoned(past, notice.number, (notice.sampling_rate, notice.sigma))
    if len(history) > MOST_KINDS:
        raise RefusedError("the rules of rounds have changed too often to be accounted for")
    own_epsilon = accounting.within(history, notice.delta, cap)
    spent = max(own_epsilon, notice.epsilon_after, rounds.most_spent(past))
    if not spent <= cap:
        raise RefusedError(f"this round would bring epsilon to {spent:.2f}, above this node's cap")
    return spent


def reckoned(past: Sequence[Round], number: int, rules: Rules) -> tuple[Spent, ...]:
    """Return what to compose: every round up to this number, each by its own rules.

    A node sees only rounds it was drawn for, and is charged for all. Those it did not see, and those from before rules were kept, count
    by the costlier rate and the costlier noise of the rounds seen next to them: never too few, and never too cheap.
    """
    known_rules = [(agreed.number, (agreed.sampling_rate, agreed.sigma)) for agreed in past if agreed.sigma]
    counted: Counter[Rules] = Counter()
    last, former = 0, None
    for at, own_rules in [*known_rules, (number, rules)]:
        between = own_rules if former is None else (max(former[0], own_rules[0]), min(former[1], own_rules[1]))
        counted[between] += at - last - 1
        counted[own_rules] += 1
        last, former = at, own_rules
    return tuple(Spent(*kind, count) for kind, count in sorted(counted.items()) if count)
