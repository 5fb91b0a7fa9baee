"""The nouns of a node, as frozen values. What is stored, judged, shown or sent is one of these."""

from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    """What a gesture of the person said."""

    FIRST = "first"  # of a pair
    SECOND = "second"
    ACCEPT = "accept"  # of a single state
    REJECT = "reject"
    GRADE_1 = "1"  # of five, for how something turned out: 1 is regret
    GRADE_2 = "2"
    GRADE_3 = "3"
    GRADE_4 = "4"
    GRADE_5 = "5"  # glad


class Visibility(StrEnum):
    """Who may read a note."""

    PUBLIC = "public"
    COMMUNITY = "community"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Item:
    """Anything that can be put to the person: a statement, a proposal, an option of a deal, a note.

    id: hex of `weal_protocol.items.item_id(text)`.  kind: "statement", "proposal", "option", "note", "own": what the person wrote in their notes or Teach,
    or "idea": what this node made of its own and others' notes.
    hours_given, hours_received: what the person would give and get, in hours; 0 where it makes no sense.  when: when it would be, in the deal's
    words, "" where nothing says.  who: the others it would be with, by name where that is known, and by hex agent key. Scores see neither of
    these two: vetoes do.
    """

    id: str
    text: str
    kind: str = "statement"
    hours_given: float = 0.0
    hours_received: float = 0.0
    when: str = ""
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One gesture of the person: a choice between two states, or about one (`other` is then "").

    source: the page it was made on: "teach", "today", "community" or "outcome".
    """

    id: str
    at_ms: int
    item: str
    other: str
    choice: Choice
    source: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the reward model believes of one state: the score's mean and sd (log-odds) and the
    moderated probability that the person says yes; `low` and `high` bound 80% of the probability."""

    mean: float
    sd: float
    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScorePart:
    """A summand of a score: its name for a person, its amount, and how sure it is (sd)."""

    name: str
    amount: float
    sd: float


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stands in the vault.

    id: 32 hex characters, from the front matter's `id` or made on the first save.  path: relative to the
    vault, with "/".  needs, offers: from the front matter, plain lines.  aliases: further names of it, as Obsidian has them.
    licence: as the front matter says it, "" where it does not (`weal_protocol.licences.identifier` is what leaves).
    warnings: what of the front matter could not be used, and what follows from that.  broken: none of it could, so all of the
    file is its text, and the note is private.  properties: keys of the front matter that Weal has no use for, with their values.
    """

    id: str
    path: str
    title: str
    body: str
    visibility: Visibility
    needs: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    author: str = ""  # hex agent key; "" is this person
    stated: bool = True  # whether the file itself says who may read it
    keen: int = 0  # what the person chose to tell of how much its swap is worth to them: 1 to 4, 0 for nothing
    licence: str = ""
    aliases: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    broken: bool = False
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """An entry of the privacy ledger: written before the bytes leave."""

    id: int
    at_ms: int
    to: str  # "coordinator", "commons" or a member's key in hex
    what: str  # "note", "statistics", "sealed frame", "member card"
    size: int  # bytes on the wire
    payload: bytes  # exactly what leaves, where it is not sealed; else the sealed bytes' SHA-256
    epsilon: float = 0.0  # charged by this disclosure, for the person
    bits: float = 0.0  # about the private reward, revealed to a peer
