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
    """field: "hours given", "hours received", "word", "kind", "when" or "who".  test: ">", "<" or "is".  text: as the person wrote it."""

    field: str
    test: str
    value: str
    text: str

    def forbids(self, state: Item) -> bool:
        """Return whether the state is ruled out; what cannot be decided is."""
        if self.field in {"hours given", "hours received"}:
            hours = state.hours_given if self.field == "hours given" else state.hours_received
            try:
                bound = float(self.value)
            except ValueError:
                return True
            return not (np.isfinite(hours) and np.isfinite(bound)) or (
                hours > bound if self.test == ">" else hours < bound
            )
        if self.field == "word":
            return _says(state.text, self.value)
        if self.field == "kind":
            return state.kind == self.value.lower()
        if self.field == "when":
            return self._at_such_a_time(state)
        return self.field != "who" or self._with_them(state)

    def _at_such_a_time(self, state: Item) -> bool:
        if not state.when:
            return state.kind == "option"
        meant, said = days(self.value), days(state.when)
        if meant is None:
            hours = {word for word in HOURS if _says(state.when, word)}
            return _says(state.when, self.value) or (self.value.lower() in HOURS and not hours)
        return said is None or bool(said & meant)

    def _with_them(self, state: Item) -> bool:
        wanted = self.value.casefold()
        if any(_is_of(one.casefold(), wanted) for one in state.who):
            return True
        return state.kind == "option" and all(len(one) == KEY for one in state.who)  # nobody's name is known


def parse(text: str) -> Veto:
    """Read a veto, see this file's first lines. TypedError says what one looks like."""
    line = " ".join(text.split())
    if (never := _NEVER.match(line)) is not None:
        who, value = never["how"].lower() == "with", never["value"].strip()
        if who or days(value) is not None or value.lower() in HOURS:
            return Veto("who" if who else "when", "is", value, text)
    found = _VETO.match(line)
    faulty = found is None
    if found is not None:
        typed = found["field"].lower().startswith("hours")
        faulty = typed == (found["test"].lower() == "is") or (typed and not _number(found["value"]))
    if found is None or faulty:
        raise TypedError(f"{text[:60]!r} is not a veto", EXAMPLES)
    return Veto(found["field"].lower(), found["test"].lower(), found["value"].strip(), text)


def _says(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _is_of(one: str, wanted: str) -> bool:
    """Whether a name or a hex key is the one that is meant; a key may be cut short."""
    return one == wanted or (len(one) == KEY and len(wanted) >= SHORTEST_KEY and one.startswith(wanted))


def _number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
