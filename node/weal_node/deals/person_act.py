"""What an act of the person on a deal is: one row of the table in `acts`.

A row says when the act can be done, whose word it needs, what it takes from its form, what it does, what is said afterwards,
and whether a deal waits for it. Its address is /deals/{id}/{name}.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar

from weal_node.deals.context import Context, OptionJudge
from weal_node.deals.situation import Situation
from weal_node.errors import RefusedError
from weal_node.records import Answer, Item

MAX_REASON = 200  # characters of a person's own words to the others


class Needs(StrEnum):
    """Whose word an act needs. All need the person's; what agents do by themselves is no act (deals/dialogue.py)."""

    APPROVAL = "approval"  # a single-use approval of exactly this, made for a page that the person saw
    KEY = "approval and key"  # that, and a signature by the person's own key, which signs nothing else


@dataclass(frozen=True, slots=True)
class Refusal:
    """what: why an act cannot be done now.  hint: what to do instead."""

    what: str
    hint: str = "Load the page again"

    def error(self) -> RefusedError:
        """Return it as a fault."""
        return RefusedError(self.what, self.hint)


@dataclass(frozen=True, slots=True)
class Fields:
    """A form's fields, each with all of its values."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str, most: int = MAX_REASON) -> str:
        """Return the last value of a field, cut to so many characters; "" where there is none."""
        return (self.values.get(name) or [""])[-1][:most]

    def every(self, name: str) -> Sequence[str]:
        """Return all values of a field, in order."""
        return self.values.get(name, [])


class Given(Protocol):
    """What an act takes beside the deal."""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Return it from a form; TypedError for what is none."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """For an act that takes nothing."""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Whatever the form holds."""
        return cls()


@dataclass(frozen=True, slots=True)
class Reason:
    """For an act that takes a few words to the others."""

    text: str = ""

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """From the field `reason`."""
        return cls(fields.text("reason"))


G = TypeVar("G", bound=Given)
Effect = Callable[[sqlite3.Connection, Situation], None]
Check = Callable[[Situation], Refusal | None]
Step = Callable[[Situation, frozenset[str]], str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an act will do.

    effect: in the transaction that uses up the approval; what it raises leaves everything as it was.
    learnt: an answer that the agent learns from in the same transaction, and what it is about.
    afterwards: goes on once the effect is on disk.
    leads_to: id of the deal to look at next; "" is the same.
    """

    effect: Effect
    learnt: tuple[Answer, Item] | None = None
    afterwards: Callable[[], Awaitable[None]] | None = None
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """label: on it.  name, value: a field that it sends, if any."""

    label: str
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """How an act looks on the page of a deal, where it has no place of its own in the template. The first button is the main one."""

    heading: str
    text: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class PersonAct(Generic[G]):
    """One act of the person.

    name: in its address, its approvals and the store of used ones.
    needs: whose word.
    refusal: why it cannot be done with a deal as it is now; None where it can.
    given: what it takes, read from its form.
    prepare: from that to what it will do; may judge options, changes nothing.
    done: mark in the address of the next page, and the sentence that is said there.
    step: what the person is told to do, for an act that a deal waits for; None for one that is theirs at any time.
    on_today: whether Today lists a deal that waits for it.
    form: None where deal.html has a place for it.
    """

    name: str
    needs: Needs
    refusal: Check
    given: type[G]
    prepare: Callable[[Context, OptionJudge, Situation, G], Awaitable[Prepared]]
    done: tuple[str, str]
    step: Step | None = None
    on_today: bool = True
    form: Form | None = None


def at_once(
    effect: Callable[[Context, sqlite3.Connection, Situation, G], None],
) -> Callable[[Context, OptionJudge, Situation, G], Awaitable[Prepared]]:
    """Return `prepare` for an act that needs no preparation."""

    async def prepare(context: Context, mind: OptionJudge, situation: Situation, given: G) -> Prepared:
        return Prepared(lambda connection, now: effect(context, connection, now, given))

    return prepare
