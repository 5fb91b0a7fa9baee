"""Dates that were written down and left: a task, a wish or a promise with a day on it, that nobody ticked off."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from weal_node.look import acts
from weal_node.look.notes import DAY_MS, Quoted, folded, key_of, quoted
from weal_node.look.reading import NoteReading
from weal_node.look.sentences import SHORTEST, sentences
from weal_node.look.wishes import matched

PAST_DAYS = 31  # how long ago a day may have been: of days longer past none was useful, four noise (simulations/LOG.md)
AHEAD_DAYS = 800
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ISO = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?!\d)")
_DAY_FIRST = re.compile(
    rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?(?:,? (?P<year>20\d\d))?(?!\w)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\.? (?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,? (?P<year>20\d\d))?(?!\w)", re.IGNORECASE
)
_BY_DAY = re.compile(
    rf"\b(?:by|before|until|till|on|due|next|this) (?:next |this )?(?P<name>{'|'.join(_DAYS)}|tomorrow)\b",
    re.IGNORECASE,
)
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
        day = day_in(raw, reading.note.written_ms or reading.note.dated_ms)
        if day is not None and now_ms - PAST_DAYS * DAY_MS <= day <= now_ms + AHEAD_DAYS * DAY_MS:
            apart = matched(reading, text)
            yield Due(quoted(reading.note, text), day, acts.cut(apart[1] if apart else text))


def day_in(text: str, written_ms: int) -> int | None:
    """Return the day that a text names, Unix time in ms, None for none. One without a year, or "by Friday", is told by when it was
    written: without that it is none."""
    for pattern in (_ISO, _DAY_FIRST, _MONTH_FIRST):
        if match := pattern.search(text):
            return _dated(match, written_ms)
    match = _BY_DAY.search(text)
    if match is None or not written_ms:
        return None
    written = datetime.fromtimestamp(written_ms / 1_000, UTC)
    name = match["name"].casefold()
    ahead = 1 if name == "tomorrow" else (_DAYS.index(name) - written.weekday() - 1) % 7 + 1
    return _midnight(written + timedelta(days=ahead))


def _dated(match: re.Match[str], written_ms: int) -> int | None:
    month = match["month"].casefold()
    number = (
        int(month)
        if month.isdigit()
        else next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(month[:3]))
    )
    if not match["year"] and not written_ms:
        return None
    written = datetime.fromtimestamp(written_ms / 1_000, UTC)
    try:
        day = datetime(int(match["year"] or written.year), number, int(match["day"]), tzinfo=UTC)
        if not match["year"] and day < written - timedelta(days=60):  # in December one writes of January
            day = day.replace(year=day.year + 1)
    except ValueError:
        return None
    return _midnight(day)


def _midnight(day: datetime) -> int:
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1_000)
