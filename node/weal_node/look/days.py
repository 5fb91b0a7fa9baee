"""Days that a text names: "2026-12-11", "12 May", "by 14.10.", "by Friday"."""

import re
from datetime import UTC, datetime, timedelta

HALF_YEAR = 183  # days: a day without a year that lies further back is one of the year after
MONTHS = [
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
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_ISO = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?!\d)")
_DAY_FIRST = re.compile(
    rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?(?:,? (?P<year>20\d\d))?(?!\w)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\.? (?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,? (?P<year>20\d\d))?(?!\w)", re.IGNORECASE
)
_BY_DAY = re.compile(
    rf"\b(?:by|before|until|till|on|due|next|this) (?:next |this )?(?P<name>{'|'.join(DAYS)}|tomorrow)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:by|before|until|till|due|on|bis|vor|am|spätestens|antes del?|avant le) (?:the )?(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)\.?(?:(?P<year>20\d\d))?(?![\d%])",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:by|before|until|till|due|on|for|the)\s+$", re.IGNORECASE)


def day_in(text: str, written_ms: int) -> int | None:
    """Return the day that a text names, Unix time in ms, None for none. One without a year, or "by Friday", is told by when it was
    written: without that it is none."""
    for pattern in (_ISO, _DAY_FIRST, _NUMBERED, _MONTH_FIRST):
        match = pattern.search(text)
        if match and not (pattern is _MONTH_FIRST and _year_meant(text, match)):
            return _dated(match, written_ms)
    match = _BY_DAY.search(text)
    if match is None or not written_ms:
        return None
    written = datetime.fromtimestamp(written_ms / 1_000, UTC)
    name = match["name"].casefold()
    ahead = 1 if name == "tomorrow" else (DAYS.index(name) - written.weekday() - 1) % 7 + 1
    return _midnight(written + timedelta(days=ahead))


def _year_meant(text: str, match: re.Match[str]) -> bool:
    """Whether "aug 25" may be a month of a year: then it is no day, unless "by" or "on" stands before it."""
    told = match["year"] or not 20 <= int(match["day"]) <= 29 or match[0][-1:] in "dhnt"
    return not told and not _BOUND.search(text[: match.start()])


def _dated(match: re.Match[str], written_ms: int) -> int | None:
    month = match["month"].casefold()
    number = (
        int(month)
        if month.isdigit()
        else next(place for place, name in enumerate(MONTHS, 1) if name.startswith(month[:3]))
    )
    if not match["year"] and not written_ms:
        return None
    written = datetime.fromtimestamp(written_ms / 1_000, UTC)
    try:
        day = datetime(int(match["year"] or written.year), number, int(match["day"]), tzinfo=UTC)
        if not match["year"] and day < written - timedelta(days=HALF_YEAR):  # in December one writes of January
            day = day.replace(year=day.year + 1)
    except ValueError:
        return None
    return _midnight(day)


def _midnight(day: datetime) -> int:
    return int(day.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1_000)
