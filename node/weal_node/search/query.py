"""What a person asks for: words, and filters typed among them or chosen in a form.

piano lessons "low pressure" tag:music author:ben is:public in:others since:2026-01-01 until:2026-06-30
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from weal_node.records import Visibility
from weal_protocol.errors import WealError

MAX_CHARACTERS = 400
MAX_TERMS = 16
SCOPES = ("", "mine", "others")
_PIECE = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FILTERS = ("author", "tag", "is", "in", "since", "until")


@dataclass(frozen=True, slots=True)
class Query:
    """text: what is asked, without filters.  terms: its words, or several as one phrase.

    author: the beginning of a name, "me", or a hex key.  visibility: "" for any.  scope: one of SCOPES.
    since_ms, until_ms: Unix time; the latter is the end of its day.
    """

    text: str
    terms: tuple[str, ...]
    author: str = ""
    tag: str = ""
    visibility: str = ""
    scope: str = ""
    since_ms: int | None = None
    until_ms: int | None = None


def parse(text: str, zone: tzinfo | None = None) -> Query:
    """Return the query in this text. Days begin in `zone`, the machine's own when None. WealError names a bad filter."""
    given: dict[str, str] = {}
    plain: list[str] = []
    terms: list[str] = []
    for phrase, piece in _PIECE.findall(text.replace("\0", " ")[:MAX_CHARACTERS]):
        name, colon, value = piece.partition(":")
        if colon and name.lower() in FILTERS and value:
            given[name.lower()] = value
        elif piece.startswith("#") and len(piece) > 1:
            given["tag"] = piece[1:]
        else:
            plain.append(phrase or piece)
            words = _WORD.findall(phrase or piece)
            terms += [" ".join(words)] if phrase and words else words
    return Query(
        " ".join(plain).strip(),
        tuple(dict.fromkeys(term.casefold() for term in terms))[:MAX_TERMS],
        given.get("author", ""),
        given.get("tag", "").removeprefix("#").casefold(),
        _one_of(given.get("is", ""), ("", *Visibility), "is:"),
        _one_of(given.get("in", ""), SCOPES, "in:"),
        _day(given["since"], zone, 0) if "since" in given else None,
        _day(given["until"], zone, 1) if "until" in given else None,
    )


def written(fields: dict[str, str]) -> str:
    """Return the query that a form's fields make: q, and each filter under its own name."""
    added = [f"{name}:{value.strip()}" for name in FILTERS if (value := fields.get(name, "")).strip()]
    return " ".join([fields.get("q", "").strip(), *(one for one in added if " " not in one)]).strip()


def expression(terms: tuple[str, ...], operator: str) -> str:
    """Return an FTS5 expression; every term is quoted, so that no word of a person's is an operator."""
    return f" {operator} ".join('"' + term.replace('"', '""') + '"' for term in terms)


def _one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    if value.lower() not in allowed:
        raise WealError(f"{name} knows {', '.join(one for one in allowed if one)}", "Choose one of them")
    return value.lower()


def _day(value: str, zone: tzinfo | None, days: int) -> int:
    if not _DAY.fullmatch(value):
        raise WealError(f"{value[:20]!r} is not a day", "Write it as 2026-01-31")
    try:
        begins = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=zone) + timedelta(days=days)
        return int(begins.timestamp() * 1_000)
    except (ValueError, OverflowError, OSError) as fault:
        raise WealError(f"{value!r} is not a day", "Write it as 2026-01-31") from fault
