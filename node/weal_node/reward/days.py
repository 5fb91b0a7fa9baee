"""On which days of the week something said in English, or as a date, may be. Where it is open it may be any: who asks wants to rule days out."""

import re
from datetime import date

Days = frozenset[int]  # 0 is Monday
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK = Days(range(7))
ANY = (
    "daily",
    "day",
    "whenever",
    "anytime",
    "always",
    "not",
    "except",
    "but",
    "other",
)  # no list of exceptions is read


def _named() -> dict[str, Days]:
    """Return the days that each word names: whole days and their first three letters, kinds of days, and words for any day."""
    named = {"thur": Days({3}), "weekend": Days({5, 6}), "weekday": Days(range(5)), **dict.fromkeys(ANY, WEEK)}
    for number, name in enumerate(NAMES):
        named[name] = named[name[:3]] = Days({number})
    return named


NAMED = _named()
RANGE = frozenset({"to", "till", "until", "through", "-"})
_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|[a-z]+|(?<=[a-z])\s*[-–—]\s*(?=[a-z])")


def days(text: str) -> Days | None:
    """Return the days that are named, with all between the ends of a range; None where none is named, or a date is none."""
    tokens = _tokens(text)
    try:
        named = [_day(token) for token in tokens]
    except ValueError:
        return None
    sets = list(filter(None, named))
    if not sets:
        return None
    dates = [token for token in tokens if token[0].isdigit()]
    if len(dates) > 1:
        return WEEK  # from one date to another, for all that is known
    if len(sets) > 1:
        for place, token in enumerate(tokens):
            if token in RANGE:
                sets.append(_between(named[place - 1 : place], named[place + 1 : place + 2]))
    return Days().union(*sets)


def _tokens(text: str) -> list[str]:
    """Return the words and dates of a text, and "-" for a dash between two words."""
    matches: list[str] = _TOKEN.findall(text.lower())
    return [match if match.strip(" -–—") else "-" for match in matches]


def _between(before: list[Days | None], after: list[Days | None]) -> Days:
    """Return the days from the one end of a range to the other, round the end of the week; any where an end is not one day."""
    ends = [end for end in (*before, *after) if end is not None and len(end) == 1]
    if len(ends) < 2:
        return WEEK
    (first,), (last,) = ends
    length = (last - first) % 7 + 1
    return Days((first + step) % 7 for step in range(length))


def _day(token: str) -> Days | None:
    """Return what a word or a date names; ValueError for a date that is none."""
    if token[0].isdigit():
        return Days({date.fromisoformat(token).weekday()})
    return NAMED.get(token.removesuffix("s"), NAMED.get(token))
