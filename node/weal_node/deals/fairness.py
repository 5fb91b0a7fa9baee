"""How an option looks to everyone: each party's gain over no deal as a share of its best, how even that is, and what it is made of.

A person's own share is exact; another's is what its own agent said (a score of a few bits), or not known. Nothing here is sent.
"""

from dataclasses import dataclass

from weal_node.negotiation import space, utility, wording
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.shortlist import Shortlist
from weal_node.store.deals import DealRow


@dataclass(frozen=True, slots=True)
class Share:
    """name: of the party.  share: of its best gain, 0 is no deal, 1 its best; None: its agent disclosed nothing of it."""

    name: str
    share: float | None


@dataclass(frozen=True, slots=True)
class GainPart:
    """words: one thing of an option.  amount: what it adds to the person's own gain, in log-odds."""

    words: str
    amount: float


def shares(negotiation: Negotiation, row: DealRow, outcome: int, names: tuple[str, ...]) -> tuple[Share, ...]:
    """Return everyone's share of an option, in the order of the parties."""
    public = negotiation.public
    disclosed = public.disclosed.get(outcome) if isinstance(public, Shortlist) else None
    everyones = []
    for party, name in enumerate(names):
        share = None if disclosed is None else _middle(disclosed[party])
        if party == row.party and row.utilities is not None:
            best = float(row.utilities.max())
            share = float(row.utilities[outcome]) / best if best > 0 else 0.0
        everyones.append(Share(name, share))
    return tuple(everyones)


def _middle(window: tuple[float, float] | None) -> float:
    """Return the middle of what a score says of a gain, 0 where it says that there is none."""
    return sum(window) / 2 if window else 0.0


def evenness(everyones: tuple[Share, ...]) -> float | None:
    """Return the least share over the largest, 0 to 1: 1 where all gain alike by their own measure. None: not known."""
    known = list[float]()
    for of_party in everyones:
        if of_party.share is None:
            return None
        known.append(max(of_party.share, 0.0))
    if not max(known, default=0.0):
        return None
    return min(known) / max(known)


def parts(negotiation: Negotiation, row: DealRow, outcome: int, names: tuple[str, ...]) -> tuple[GainPart, ...]:
    """Return what an option adds to the person's own gain, thing by thing; what only all of it together adds comes last."""
    if row.utilities is None:
        return ()
    options, chosen = negotiation.known(), space.option(negotiation.known(), outcome)
    contributions = utility.contributions(row.utilities, options.sizes)
    gains = []
    for issue, value, added in zip(options.issues, chosen, contributions, strict=True):
        without = float(added[issue.values.index("0")]) if "0" in issue.values else float(added.mean())
        gains.append(GainPart(_words(issue, issue.values[value], names), float(added[value]) - without))
    rest = float(row.utilities[outcome]) - sum(part.amount for part in gains)
    return (*gains, GainPart("all of it together", rest)) if abs(rest) > 0.005 else tuple(gains)


def on_offer(options: space.OptionSpace, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what could be agreed on, a line for each thing: who could give it, and to whom where there are more than two."""
    lines = []
    for issue in options.issues:
        listed = ", ".join(issue.values[:-1]) + " or " + issue.values[-1] if len(issue.values) > 1 else issue.values[0]
        if issue.giver is None:
            lines.append(f"{issue.name}: {listed}")
        else:
            who = wording.between(issue, names)
            lines.append(f"{'Y' + who[1:] if who.startswith('you ') else who} {issue.name}: {listed} hours")
    return tuple(lines)


def _words(issue: space.Issue, value: str, names: tuple[str, ...]) -> str:
    if issue.giver is None:
        return f"{issue.name}: {value}"
    return f"{wording.between(issue, names)} {wording.hours(issue, value)}"
