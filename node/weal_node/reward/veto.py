"""Vetoes: what is out of the question, as a predicate over typed fields and words. It fails closed: what cannot be decided is ruled out.

hours given > 3        word is casino        kind is option        when is weekend        who is Bob
never on weekends      never in the evening  never with Bob

`when` and `who` are decided on what a deal says: an option that names no day is ruled out by a veto on days, as it may be any. A statement or a note
is about no time and nobody in particular, and is not.
"""

import re
from dataclasses import dataclass

import numpy as np

from weal_node.errors import TypedError
from weal_node.records import Item
from weal_node.reward.days import days

HOURS = frozenset({"morning", "noon", "afternoon", "evening", "night", "midnight"})
KEY = 64  # characters of a whole agent key in hex
SHORTEST_KEY = 6
EXAMPLES = (
    'Write it like "hours given > 3", "word is casino", "kind is option", "never on weekends" or "never with Bob"'
)
_VETO = re.compile(
    r"^(?P<field>hours given|hours received|word|kind|when|who)\s*(?P<test>>|<|is)\s*(?P<value>.+)$", re.IGNORECASE
)
_NEVER = re.compile(r"^never (?P<how>on|in|at|with) (?:the |a |an )?(?P<value>.+?)[.!]?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Veto:
    """One rule.

    field: "hours given", "hours received", "word", "kind", "when" or "who".
    test: ">", "<" or "is".  text: as the person wrote it."""

    field: str
    test: str
    value: str
    text: str

    def forbids(self, item: Item) -> bool:
        """Return whether the item is ruled out; what cannot be decided is."""
        if self.field == "hours given":
            return self._beyond(item.hours_given)
        if self.field == "hours received":
            return self._beyond(item.hours_received)
        if self.field == "word":
            return _says(item.text, self.value)
        if self.field == "kind":
            return item.kind == self.value.lower()
        if self.field == "when":
            return self._at_such_a_time(item)
        return self.field != "who" or self._with_them(item)

    def _beyond(self, hours: float) -> bool:
        try:
            bound = float(self.value)
        except ValueError:
            return True
        if not (np.isfinite(hours) and np.isfinite(bound)):
            return True
        return hours > bound if self.test == ">" else hours < bound

    def _at_such_a_time(self, item: Item) -> bool:
        if not item.when:
            return item.kind == "option"
        wanted, named = days(self.value), days(item.when)
        if wanted is not None:
            return named is None or bool(named & wanted)
        if _says(item.when, self.value):
            return True
        # An hour of the day is asked for: where none is named it may be any.
        return self.value.lower() in HOURS and not any(_says(item.when, hour) for hour in HOURS)

    def _with_them(self, item: Item) -> bool:
        wanted = self.value.casefold()
        named = False
        for person in item.who:
            if _is_of(person.casefold(), wanted):
                return True
            named = named or len(person) != KEY
        return item.kind == "option" and not named  # nobody's name is known


def parse(text: str) -> Veto:
    """Read a veto, see this file's first lines. TypedError says what one looks like."""
    line = " ".join(text.split())
    if (never := _NEVER.match(line)) is not None:
        who, value = never["how"].lower() == "with", never["value"].strip()
        if who or days(value) is not None or value.lower() in HOURS:
            return Veto("who" if who else "when", "is", value, text)
    rule = _VETO.match(line)
    if rule is None:
        raise TypedError(f"{text[:60]!r} is not a veto", EXAMPLES)
    field, test, value = rule["field"].lower(), rule["test"].lower(), rule["value"].strip()
    compared = field.startswith("hours")  # with a number, by ">" or "<"; anything else "is" something
    if compared == (test == "is") or (compared and not _number(value)):
        raise TypedError(f"{text[:60]!r} is not a veto", EXAMPLES)
    return Veto(field, test, value, text)


def _says(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _is_of(person: str, wanted: str) -> bool:
    """Whether a name or a hex key is the one that is meant; a key may be cut short."""
    return person == wanted or (len(person) == KEY and len(wanted) >= SHORTEST_KEY and person.startswith(wanted))


def _number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
