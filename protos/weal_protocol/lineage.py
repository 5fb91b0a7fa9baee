"""What a record may follow: one table of kinds, the same for whoever takes records in.

A record is taken once all that it names is there, so every copy of the commons is closed under parents.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from weal_protocol.errors import ForgedError, MalformedError, QuotaError, UnknownParentError
from weal_protocol.jury import NONE, Jury
from weal_protocol.record import TAKERS, Record

MAX_PARENTS = 16
MOST_VERSIONS = 4_000  # of one note by one author, suggestions to it and the like too; a note edited six times a day is there in two years
MOST_A_DAY = 200  # of those, as their author dates them
DAY_MS = 24 * 3_600 * 1_000


@dataclass(frozen=True, slots=True)
class Kin:
    """What must be known of a record that another one names. author: raw key.  note: 16 bytes."""

    kind: str
    author: bytes
    note: bytes


def day(written_ms: int) -> int:
    """Return the day on which a record was written, as its author dates it; no day is negative."""
    return max(written_ms, 0) // DAY_MS


def check_pace(one: Record, whole: int, that_day: int) -> None:
    """Raise QuotaError where an author has sent too much of one note. whole, that_day: how many records of it by them are kept, and how
    many of the day of this one. What takes records back fits even then."""
    share = 2 if one.kind in TAKERS else 1
    if whole >= share * MOST_VERSIONS:
        raise QuotaError(f"a note has at most {MOST_VERSIONS} versions here", "Begin a new note")
    if that_day >= share * MOST_A_DAY:
        raise QuotaError(f"a note has at most {MOST_A_DAY} versions a day here", "Wait until tomorrow")


def named(one: Record) -> tuple[str, ...]:
    """Return the ids of the records that this one names: parents, and what it was forked from."""
    return (*one.parents, *((one.forked_from,) if one.forked_from else ()))


def check(one: Record, kin: Mapping[str, Kin], jury: Jury = NONE) -> None:
    """Raise unless the record may follow those it names; `kin` holds what is known of them, `jury` is the community's.

    UnknownParentError where one is not known, ForgedError where it is not this author's to follow, else MalformedError.
    """
    if len(one.parents) > MAX_PARENTS or len(set(one.parents)) != len(one.parents):
        raise MalformedError(f"a record has at most {MAX_PARENTS} parents, each once")
    if missing := [parent for parent in named(one) if parent not in kin]:
        raise UnknownParentError("a record names one that is not known here", missing=tuple(missing))
    parents = [kin[parent] for parent in one.parents]
    match one.kind:
        case "item":
            _shape(not parents and not one.forked_from, "an item follows nothing")
        case "answer":
            _shape(not parents and not one.forked_from, "an answer follows nothing")
        case "note":
            _note(one, parents)
            if one.forked_from:
                origin = kin[one.forked_from]
                _shape(
                    origin.kind == "note" and origin.note != one.note, "a fork is a new note that names another note"
                )
        case "suggestion":
            _shape(len(parents) == 1 and not one.forked_from, "a suggestion names the one version it is about")
            _shape(
                parents[0].kind == "note" and parents[0].note == one.note, "a suggestion names a version of its note"
            )
        case "tombstone" | "verdict":
            _shape(len(parents) == 1 and not one.forked_from, "what takes a record back names that record alone")
            _shape(parents[0].kind not in TAKERS and parents[0].note == one.note, "this cannot be taken back")
            if one.kind == "verdict":
                jury.check(one)
            elif parents[0].author != one.author:
                raise ForgedError("only its author can take a record back", "Or a jury, where the charter names one")
        case _:
            raise MalformedError("a record's kind is not known")


def _note(one: Record, parents: list[Kin]) -> None:
    _shape(all(parent.note == one.note for parent in parents), "a version of a note follows versions of that note")
    for parent in parents:
        if parent.kind == "note" and parent.author != one.author:
            raise ForgedError("only its author writes a note's next version", "Suggest it, or fork the note")
        _shape(parent.kind in ("note", "suggestion"), "a version of a note follows a version or a suggestion")
    accepts = any(parent.kind == "suggestion" for parent in parents)
    _shape(not accepts or any(parent.kind == "note" for parent in parents), "to accept is to follow both")


def _shape(right: bool, what: str) -> None:
    if not right:
        raise MalformedError(what)
