"""How a deal looks to its person, as values: what it is, its options, what was disclosed, the word that binds, what became of it."""

from dataclasses import dataclass

from weal_node.deals.fairness import GainPart, Share
from weal_node.deals.next_step import NextStep
from weal_node.deals.person_act import Form

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OptionView:
    """One option.

    number: from 1, in the menu's order.
    text: from this person's side.
    gain: over no deal, in log-odds.
    shares: everyone's gain as a share of their best.
    evenness: the least of them over the largest.
    parts: of the gain.
    """

    number: int
    text: str
    gain: float
    shares: tuple[Share, ...]
    evenness: float | None
    parts: tuple[GainPart, ...]


@dataclass(frozen=True, slots=True)
class AboutView:
    """What a deal is.

    subject: in a few words.
    parties: hex agent keys, the inviter's first.
    names: of the parties, this person's as "you".
    why: why it was proposed.
    offered: what could be agreed on, in words.
    lines: the same as lines to edit.
    free: whether it is somebody's own idea, so that a draft may be made one with others.
    chain: whether everyone who plans hears of a no.
    expires_ms: until when it is open.
    ended: who left it and why, in their words, or that nothing was found; "" where it did not end so.
    """

    subject: str
    parties: tuple[str, ...]
    names: Names
    why: str
    offered: tuple[str, ...]
    lines: str
    free: bool
    chain: bool
    expires_ms: int
    ended: str


@dataclass(frozen=True, slots=True)
class DisclosedView:
    """What was said.

    transcript: a line for each message.
    messages: how many there are.
    bits: disclosed about one's own wishes, at most `bits_most` in this deal.
    by_party: name and bits of each.
    """

    transcript: tuple[str, ...]
    messages: int
    bits: float
    bits_most: float
    by_party: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RatificationView:
    """The word that binds.

    open: whether it can be given still.
    ratified_by: hex agent keys.
    by_ms: when everyone must have ratified; once the first has, at most `within_ms` after that.
    waiting: whether our word is on its way to the notary.
    agreement_sha256: once everyone has.
    """

    open: bool
    ratified_by: tuple[str, ...]
    by_ms: int
    within_ms: int
    waiting: bool
    agreement_sha256: str


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What became of it. receipts: what was said of it.  kept: whether the person said that they did their part.  answer: id
    of the person's rating."""

    receipts: tuple[str, ...]
    kept: bool
    answer: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """What the person is told before their agent enters.

    stranger: that an invitation is from somebody this person never dealt with, "" where it is not. On the deal's page, besides:
    trust: how well the others are known, in words.
    offers_only: whether agents would hide their scores, as with strangers.
    bits_scoring, bits_offers: the most that either way discloses.
    may_choose: whether the person may choose the way.
    """

    stranger: str = ""
    trust: str = ""
    offers_only: bool = False
    bits_scoring: float = 0.0
    bits_offers: float = 0.0
    may_choose: bool = False


@dataclass(frozen=True, slots=True)
class LinksView:
    """On the deal's page. in_place_of, replaced_by: ids of the invitation that this one is sent in place of, and of the one sent
    in place of this; "" where there is none."""

    in_place_of: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class DealView:
    """A deal as its page shows it.

    state: `DealState`, or `EXPIRED`.
    can: names of the acts that can be done now (acts.py).
    forms: of those that have no place of their own on the page, by name.
    options: of the menu.  chosen: by all.  ranked: whether the person has ranked them.
    """

    id: str
    state: str
    can: frozenset[str]
    forms: tuple[tuple[str, Form], ...]
    next: NextStep
    about: AboutView
    options: tuple[OptionView, ...]
    chosen: OptionView | None
    ranked: bool
    disclosed: DisclosedView
    ratification: RatificationView
    outcome: OutcomeView
    entry: EntryView
    links: LinksView

    @property
    def gain(self) -> float | None:
        """The person's gain of the chosen option."""
        return self.chosen.gain if self.chosen else None
