"""What a person asks for: words, and filters typed among them or chosen in a form.

piano lessons "low pressure" tag:music author:ben is:public in:others since:2026-01-01 until:2026-06-30
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from weal_node.records import Visibility
from weal_node.text import words
from weal_protocol.errors import WealError

MAX_CHARACTERS = 400
MAX_TERMS = 16
SCOPES = ("", "mine", "others")
_PIECE = re.compile(r'"([^"]*)"|(\S+)')
_TAG = re.compile(r"#(?=[\d_/-]*+[^\W\d_])[\w/-]++")  # #1 is none
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FILTERS = ("author", "tag", "is", "in", "since", "until")


@dataclass(frozen=True, slots=True)
class Query:
    """text: what is asked, without filters.  terms: its words as `words.py` cuts them, or several in a row as one phrase; () of a
    text that has no word.  loose: the terms with the words of a #tag among them, for where nobody uses that tag.

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
    loose: tuple[str, ...] = ()

    @property
    def wordless(self) -> str:
        """A sentence for whoever asked for signs alone, "" for anyone else."""
        if self.terms or not self.text:
            return ""
        return f"{self.text[:40]} has no letter, digit or emoji in it, so nothing is looked for. Write a word of what you want to find"


def parse(text: str, zone: tzinfo | None = None) -> Query:
    """Return the query in this text. Days begin in `zone`, the machine's own when None. WealError names a bad filter."""
    filters: dict[str, str] = {}
    plain: list[str] = []
    terms: list[str] = []
    hashed: list[str] = []
    for phrase, piece in _PIECE.findall(_shortened(text.replace("\0", " "))):
        name, colon, value = piece.partition(":")
        if colon and name.lower() in FILTERS and value:
            filters[name.lower()] = value
        elif _TAG.fullmatch(piece):
            filters["tag"] = piece[1:]
            hashed += _terms(piece)
        else:
            plain.append(phrase or piece)
            in_a_row = " ".join(words.words(phrase))
            terms += [in_a_row] if in_a_row else _terms(piece)
    return Query(
        " ".join(plain).strip(),
        tuple(dict.fromkeys(terms))[:MAX_TERMS],
        filters.get("author", ""),
        filters.get("tag", "").removeprefix("#").casefold(),
        _one_of(filters.get("is", ""), ("", *Visibility), "is:"),
        _one_of(filters.get("in", ""), SCOPES, "in:"),
        _day(filters["since"], zone, 0) if "since" in filters else None,
        _day(filters["until"], zone, 1) if "until" in filters else None,
        tuple(dict.fromkeys((*terms, *hashed)))[:MAX_TERMS] if hashed else (),
    )


def written(fields: dict[str, str]) -> str:
    """Return the query that a form's fields make: q, and each filter under its own name."""
    parts = [fields.get("q", "").strip()]
    for name in FILTERS:
        value = fields.get(name, "").strip()
        if value and " " not in value:
            parts.append(f"{name}:{value}")
    return " ".join(parts).strip()


def phrase(text: str) -> str:
    """Return a text as one term: its words in a row."""
    return " ".join(words.words(text))


def _terms(piece: str) -> list[str]:
    """Return the terms of what stands between two blanks: a run of words, as don't, 3.11 and AT&T are; of a script without blanks,
    every two or three letters in a row, so that what holds some of them is found too."""
    if signed := words.signed(piece):
        return [signed]
    terms, row = list[str](), list[str]()
    for word in words.words(piece):
        unblanked = len(word) == 1 and words.unblanked(word)
        if row and unblanked != words.unblanked(row[-1][0]):
            terms += _joined(row)
            row = []
        row.append(word)
    return terms + _joined(row)


def _joined(row: list[str]) -> list[str]:
    if not row or not words.unblanked(row[0][0]):
        return [" ".join(row)] if row else []
    length = words.run_of(row[0])
    return [" ".join(row[begin : begin + length]) for begin in range(max(1, len(row) - length + 1))]


def _shortened(text: str) -> str:
    """Return as much as is looked for; a word that the limit cuts is left out where there is another, for half of it stands nowhere."""
    if len(text) <= MAX_CHARACTERS:
        return text
    begin, cut, _ = text[: MAX_CHARACTERS + 1].rpartition(" ")
    return begin if cut else text[:MAX_CHARACTERS]


def expression(terms: tuple[str, ...], operator: str) -> str:
    """Return an FTS5 expression; every term is quoted, so that no word of a person's is an operator."""
    return f" {operator} ".join(map(_quoted, terms))


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    if value.lower() not in allowed:
        raise WealError(f"{name} knows {', '.join(choice for choice in allowed if choice)}", "Choose one of them")
    return value.lower()


def _day(value: str, zone: tzinfo | None, days: int) -> int:
    if not _DAY.fullmatch(value):
        raise WealError(f"{value[:20]!r} is not a day", "Write it as 2026-01-31")
    try:
        begins = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=zone) + timedelta(days=days)
        return int(begins.timestamp() * 1_000)
    except (ValueError, OverflowError, OSError) as fault:
        raise WealError(f"{value!r} is not a day", "Write it as 2026-01-31") from fault
