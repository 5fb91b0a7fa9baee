"""Who may read a note, by the words of its file: the one place where these are understood. Pure, linear.

Only `visibility: public` and `visibility: community`, written just so in front matter, let others read. Whatever else seems to say who
may read keeps the note here, and is named: a default of a folder is for files that say nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from weal_node.records import Visibility
from weal_node.vault import prose
from weal_node.vault.head import LOOKED_AT, SplitFile, seen
from weal_node.vault.lookalikes import latin

KEY = "visibility"
FEWEST, MOST = 7, 13  # letters of a word that is meant as the key
CLOSED = frozenset(
    [
        "private",
        "community",
        "secret",
        "hidden",
        "nobody",
        "noone",
        "none",
        "me",
        "self",
        "personal",
        "confidential",
        "internal",
        "restricted",
        "members",
        "closed",
        "unlisted",
    ]
)
IF_YES = frozenset(["private", "draft", "secret", "hidden", "confidential", "personal", "unlisted"])
IF_NO = frozenset(["public", "publish", "published", "visible", "share", "shared", "dg-publish"])
# Keys that ask who reads: any of CLOSED, or a word for oneself alone, answers them.
WHO = frozenset(
    [
        "access",
        "audience",
        "reader",
        "readers",
        "viewer",
        "viewers",
        "who",
        "privacy",
        "sharing",
        "share",
        "shared",
        "permissions",
    ]
)
ALONE = frozenset(["only me", "just me", "me only", "me alone", "myself", "no one", "nobody else", "not shared"])
YES = frozenset(["true", "yes", "on", "1", "y", "ja", "oui", "si", "sim", "tak", "да"])
NO = frozenset(["false", "no", "off", "0", "n", "nein", "non", "nee", "nao", "nie", "нет", "never"])
NEAR = 2  # letters by which a word may be misspelt
SHORTEST = 6  # letters of a word that has to be spelt right
MOST_TRIED = 300  # different pairs of words that are compared, 0.1 s; a text of more is kept here rather than read on
# Words of their own that are as near; these are no misspelling.
OTHERS = frozenset(
    ["viability", "divisibility", "invisibility", "risibility", "pirate", "pirates", "primate", "primates", "privacy"]
)
_SAID = re.compile(
    r"^(?:[^\w\n]{0,8}\d{1,3}[.)])?[^\w\n]{0,40}(\w[\w.-]{3,27})[^\w\n:=]{0,8}[:=]{1,2}[^\w\n!]{0,12}(?:!{1,2}[\w:./-]{0,20}[ \t]+)?[^\w\n]{0,12}([\w-]{1,20})",
    re.MULTILINE,
)
_BARE = re.compile(
    r"^[^\w\n]{0,40}(\w{7,13})[^\w\n]{1,12}(\w{3,14})[^\w\n]*$", re.MULTILINE
)  # two words and nothing else
_APART = re.compile(
    r"^[^\w\n]{0,40}(\w{7,13})[^\w\n]{0,12}\n(?:[^\w\n]{0,60}\n){0,2}[^\w\n]{0,40}(\w{3,14})[^\w\n]*$", re.MULTILINE
)  # the same with a line end between
_TAG = re.compile(r"<[^<>\n]{0,100}>")
_PARTS = re.compile(r"[-_. ]+|(?<=[a-z])(?=[A-Z])")
NAMES = frozenset(("id", "title", "alias", "aliases"))  # what these say is what the note is called
_EMPTY = re.compile(r"\n\s*\n")
_COLONS = frozenset(":=\uff1a\ufe55\ufe13\uff1d\u2236")
SHORT = 60  # characters of a line that may be two words
_SPOKEN = 120  # characters of a line in which such words would stand
NEXT_STEP = "Write visibility: public, community or private between the two lines of ---"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a file says. stated: whether it says anything.  warning: what of it was not understood, "" for nothing."""

    visibility: Visibility
    stated: bool
    warning: str = ""


def heard(known: dict[Any, Any], document: SplitFile, path: str) -> Heard:
    """Return who may read a note of this front matter and text. known: the front matter as it was read, `visibility` at most once in
    whatever spelling (see `repeated`)."""
    for key in known:
        if isinstance(key, str) and folded(key) == KEY:
            return _stated(key, known[key], path)
    if line := closing(known, document):
        why = f"{path}: {line[:60]!r} seems to say who may read the note, and not as Weal reads it; until then the note is private"
        return Heard(Visibility.PRIVATE, True, f"{why}. {NEXT_STEP}")
    return Heard(Visibility.PRIVATE, False)


def _stated(key: str, value: object, path: str) -> Heard:
    if key == KEY and isinstance(value, str) and value in set(Visibility):
        return Heard(Visibility(value), True)
    if isinstance(value, str) and folded(value) == Visibility.PRIVATE:
        return Heard(Visibility.PRIVATE, True)
    what = "visibility must be public, community or private"
    if isinstance(value, str) and folded(value) in set(Visibility):
        what = f"{key[:40]}: {value[:40]} must be written visibility: {folded(value)}"
    return Heard(Visibility.PRIVATE, True, f"{path}: {what}; until then the note is private")


def closing(known: dict[str, Any], document: SplitFile) -> str:
    """Return the first thing in a file that does not say its visibility and still seems to keep others out, "" for none."""
    for key, value in _pairs(known):
        if _head_closes(key, value):
            return f"{key}: {value}".strip()
    for key in ("tags", "tag"):
        for tag in _items(known.get(key)):
            if _tagged(tag):
                return f"{key}: {tag}"
    if "private" in document.body.casefold() and any(map(_tagged, prose.tags(document.body))):
        return "#private"
    if line := _first(document.body):
        return line
    return in_words(document.front) or in_words(document.body)


def in_words(text: str) -> str:
    """Return the first line of a text that seems to keep others out, "" for none. In its first paragraph, where other tools look
    for such lines, any word on the matter counts; below it only what is plainly meant so."""
    plain = "\n".join(map(_line, text.splitlines()))
    if "<" in plain:
        plain = _TAG.sub(_attributes, plain)
    word = re.search(r"\w", plain)
    end = _EMPTY.search(plain, word.start()) if word else None
    head_ends = end.end() if end else len(plain)
    tried: set[tuple[str, str]] = set()
    for pattern in (_SAID, _BARE, _APART):
        for match in pattern.finditer(plain):
            key, value, head = folded(match[1]), folded(match[2]), pattern is _SAID and match.start() < head_ends
            if _may_close(key, value, head):
                tried.add((key, value))
                if _closes(key, value, head) or len(tried) > MOST_TRIED:
                    return " ".join(match[0].split())
    return ""


def _attributes(tag: re.Match[str]) -> str:
    """Return what a tag of HTML says, as words in a row: that a key is one and its value too."""
    words = re.findall(r"\w+", tag[0])
    for key, value in pairwise(word for word in words if word not in ("name", "content", "property", "data")):
        if _closes(folded(key), folded(value), head=False):
            return f"\n{key}: {value}\n"
    return "" if tag[0][1:2] not in ("!", "?") else tag[0]


def _head_closes(key: str, value: str | None) -> bool:
    """Whether a key of front matter, with its value, keeps others out. value: None where nothing stands there."""
    spoken = folded(key)
    words = list(map(folded, filter(None, _PARTS.split(key))))
    if value is None:
        return spoken == Visibility.PRIVATE
    answer = folded(value)
    return (
        _closes(spoken, answer, head=True)
        or (answer in YES and (near(spoken, Visibility.PRIVATE) or "private" in words))
        or (answer in NO and words[:1] == ["is"] and not IF_NO.isdisjoint(words))
        or (not WHO.isdisjoint((spoken, *words[:1])) and answer in CLOSED | ALONE)
        or (spoken not in NAMES and (near(answer, Visibility.PRIVATE) or _in_one(answer)))
    )


def _in_one(text: str) -> bool:
    """Whether a value holds both a key and a word for private."""
    key, _, value = text.partition(":") if ":" in text else text.partition(" ")
    return _closes(key.strip(), value.strip(), head=False)


def _tagged(tag: str) -> bool:
    return folded(tag).lstrip("#").rpartition("/")[2] == Visibility.PRIVATE


def _first(body: str) -> str:
    """Return the first line of a text that has one if it is the word private and nothing else; a heading is a name."""
    line = next(filter(str.strip, map(_line, body[:LOOKED_AT].splitlines())), "")
    word = re.fullmatch(r"[^\w#]*(\w{6,9})\W*", line)
    return line.strip() if word and near(folded(word[1]), Visibility.PRIVATE) else ""


def _line(line: str) -> str:
    begin = line[:_SPOKEN]
    if begin.isascii():
        return begin
    return "." if len(line) > SHORT and _COLONS.isdisjoint(begin) else seen(begin)


def _items(value: object) -> list[str]:
    entries = value if isinstance(value, list) else re.split(r"[,\s]+", value) if isinstance(value, str) else []
    return [entry for entry in entries if isinstance(entry, str)]


def repeated(keys: list[str]) -> bool:
    """Whether front matter says its visibility more than once, in whatever spelling."""
    return sum(folded(key) == KEY for key in keys) > 1


def folded(word: str) -> str:
    """Return a word without case, width, quotes, blanks around it, or letters that nobody sees."""
    return latin(seen(word)).strip("\"'` ").casefold()


def _closes(key: str, value: str, head: bool) -> bool:
    if head and ((key in IF_YES and value in YES) or (key in IF_NO and value in NO)):
        return True
    if not (_may_close(key, value, head) and near(_last(key), KEY)):
        return False
    return value != Visibility.PUBLIC if head else any(near(value, word) for word in CLOSED) or value.startswith("priv")


def _may_close(key: str, value: str, head: bool) -> bool:
    """Whether it is worth comparing letter by letter: some piece of a word that closes stands there."""
    if head and value in YES | NO:
        return True
    last = _last(key)
    if not (FEWEST <= len(last) <= MOST and _like(last, KEY)):
        return False
    return head or value.startswith("priv") or any(_like(value, word) for word in CLOSED)


def _last(key: str) -> str:
    return re.split(r"[-_.]", key)[-1]


def _like(word: str, wanted: str) -> bool:
    """Whether a word may be near this one, told without comparing letters."""
    if len(wanted) <= SHORTEST or abs(len(word) - len(wanted)) > NEAR or word in OTHERS:
        return word == wanted
    return any(map(word.__contains__, _pieces(wanted)))


@cache
def _pieces(wanted: str) -> tuple[str, ...]:
    """Return a word in one piece more than letters of it may be wrong: one of them stands in whatever is near."""
    size = -(-len(wanted) // (NEAR + 1))
    return tuple(wanted[at : at + size] for at in range(0, len(wanted), size))


@lru_cache(maxsize=1_024)  # a page says the same words again and again
def near(word: str, wanted: str) -> bool:
    """Whether a word is this one, or it with a few letters missing, added or changed; a short one has to be it."""
    if word == wanted or not _like(word, wanted) or len(wanted) <= SHORTEST:
        return word == wanted
    row = list(range(len(wanted) + 1))
    for at, letter in enumerate(word, start=1):
        before, row = row, [at]
        for place, wanted_letter in enumerate(wanted, start=1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != wanted_letter)))
        if min(row) > NEAR:
            return False
    return row[-1] <= NEAR


def _pairs(known: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Give each key with its value where that is a word, nothing or a word in a list, at any depth; what several names share is
    looked at once."""
    waiting: list[object] = [known]
    looked_at: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in looked_at:
            continue
        looked_at.add(id(node))
        if isinstance(node, dict):
            for key, value in node.items():
                for word in value if isinstance(value, list) else [value]:
                    if isinstance(key, str) and (word is None or isinstance(word, str)):
                        yield key, word
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
