"""On which days of the week something said in English, or as a date, may be. Where it is open it may be any: who asks wants to rule days out."""

import re
from datetime import date

Days = frozenset[int]  # 0 is Monday
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = Days(range(7))
NAMED = {
    **{name[:letters]: Days({number}) for number, name in enumerate(NAMES) for letters in (3, len(name))},
    "thur": Days({3}),
    "weekend": Days({5, 6}),
    "weekday": Days(range(5)),
    # Any day, or all but some: no list of exceptions is read.
    **dict.fromkeys(("daily", "day", "whenever", "anytime", "always", "not", "except", "but", "other"), WEEK),
}
RANGE = frozenset({"to", "till", "until", "through", "-"})
_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|[a-z]+|(?<=[a-z])\s*[-–—]\s*(?=[a-z])")


def days(text: str) -> Days | None:
    """Return the days that are named, with all between the ends of a range; None where none is named, or a date is none."""
    tokens = ["-" if not one.strip(" -–—") else one for one in _TOKEN.findall(text.lower())]
    try:
        sets = [_day(token) for token in tokens]
    except ValueError:
        return None
    found = [one for one in sets if one is not None]
    if not found:
        return None
    if sum(token[0].isdigit() for token in tokens) > 1:
        return WEEK  # from one date to another, for all that is known
    for place, token in enumerate(tokens):
        if token in RANGE and len(found) > 1:
            found.append(_between(sets[place - 1 : place], sets[place + 1 : place + 2]))
    return Days().union(*found)


def _between(before: list[Days | None], after: list[Days | None]) -> Days:
    """Return the days from the one end of a range to the other, round the end of the week; any where an end is not one day."""
    ends = [one for one in (*before, *after) if one is not None and len(one) == 1]
    if len(ends) < 2:
        return WEEK
    first, last = (next(iter(one)) for one in ends)
    return Days((first + step) % 7 for step in range((last - first) % 7 + 1))


def _day(token: str) -> Days | None:
    """Return what a word or a date names; ValueError for a date that is none."""
    if token[0].isdigit():
        return Days({date.fromisoformat(token).weekday()})
    return NAMED.get(token.removesuffix("s"), NAMED.get(token))
