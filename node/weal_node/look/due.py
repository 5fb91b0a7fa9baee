"""Dates that were written down and left: a task, a wish or a promise with a day on it, that nobody ticked off."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weal_node.look import acts
from weal_node.look.days import day_in
from weal_node.look.notes import DAY_MS, Quoted, folded, key_of, quoted
from weal_node.look.reading import NoteReading
from weal_node.look.sentences import SHORTEST, sentences
from weal_node.look.wishes import matched

PAST_DAYS = 31  # how long ago a day may have been: of days longer past none was useful, two noise (simulations/LOG.md)
AHEAD_DAYS = 800
_BEFORE = re.compile(
    r"\b(?:by|before|until|till|due|deadline|no later than|latest|expires?|renew|book(?:ed)? for)\b|📅|⏳|\bdue::",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"\b(?:I (?:need to|want to|have to|should|must|will|plan to|promised)|I['’]ll|promised|owe|need to|have to|must|should|remember to|don['’]t forget|deadline|due)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|had|went|did|sent|paid|done|finished|submitted|booked|called|met|arrived|since)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a day on it. due_ms: that day's midnight, UTC.  act: what is to be done, "" where it cannot be told apart."""

    quoted: Quoted
    due_ms: int
    act: str

    @property
    def key(self) -> str:
        """Its name."""
        return key_of("due", *folded(self.quoted.quote))


def dues(reading: NoteReading, now_ms: int) -> Iterator[Due]:
    """Yield what has a day and was left, from PAST_DAYS ago to AHEAD_DAYS ahead."""
    if not reading.speaks:
        return
    for sentence in sentences(reading):
        if sentence.closed or (reading.weak and sentence.line.kind != "open"):
            continue
        raw = sentence.line.raw if sentence.alone or sentence.line.kind == "open" else sentence.text
        text, bound = sentence.text, bool(_BEFORE.search(raw))
        task = sentence.line.kind == "open"
        verb = bool(acts.base((folded(text) or ("",))[0]))
        if text.endswith("?") or len(text) < SHORTEST or not (task or _PROMISED.search(text) or (bound and verb)):
            continue
        if not task and _PAST.search(text):
            continue
        day = day_in(raw, reading.told_ms)
        if day is not None and now_ms - PAST_DAYS * DAY_MS <= day <= now_ms + AHEAD_DAYS * DAY_MS:
            apart = matched(reading, text)
            yield Due(quoted(reading.note, text), day, acts.cut(apart[1] if apart else text))
