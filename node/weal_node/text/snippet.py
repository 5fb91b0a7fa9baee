"""What of a passage is shown: the stretch with most of the words asked for, which of its letters are they, and by which words
of it a page finds its place."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import filterfalse
from operator import attrgetter, itemgetter

from weal_node.text.words import Token, aligned, cut, words

LENGTH = 240  # characters
PLACE_WORDS = 8  # that a browser looks for on the page; a few are enough, and a longer run meets markup sooner
SHORT = 3  # letters by which a word is looked up before it is compared
ENDINGS = ("ing", "ies", "ed", "es", "s")  # what the index's stemmer takes off most often

_MARKUP = re.compile(r"[*_`~\[\]()|<>#!\\&{}$^=]|://")  # a page may show such a word otherwise than it is written
_BEGINS = re.compile(r"^\s*(?:(?:[>#*+-]+|\d+[.)])\s+)*")  # of a quotation, a heading, an entry of a list

Snippet = tuple[tuple[str, bool], ...]  # text, and whether it was asked for


def snippet(text: str, terms: Sequence[str], length: int = LENGTH) -> Snippet:
    """Return the stretch in pieces that join to it; blanks are single. Without a hit it is the beginning."""
    flat = " ".join(text.split())
    hits = _hits(flat, terms)
    start = _start(flat, hits, length)
    end = min(len(flat), start + length)
    if end < len(flat):
        end = max(flat.rfind(" ", start, end), start + length // 2)
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    at = start
    for begin, stop in hits:
        if begin >= at and stop <= end:
            pieces += [(flat[at:begin], False), (flat[begin:stop], True)]
            at = stop
    pieces += [(flat[at:end], False), (" …" if end < len(flat) else "", False)]
    return tuple(filter(itemgetter(0), pieces))


def place(text: str, terms: Sequence[str]) -> str:
    """Return a few words of the passage (Markdown) that stand on its page just so: on one line, without markup, around the first
    word asked for where that is possible, else the longest run there is; "" where there is none of two words."""
    best, best_rank = "", (False, 1)
    for line in text.splitlines():
        for run in _runs(_BEGINS.sub("", line)):
            flat = " ".join(run)
            hits = _hits(flat, terms)
            first = flat.count(" ", 0, hits[0][0]) if hits else 0
            begin = max(0, min(first - PLACE_WORDS // 2, len(run) - PLACE_WORDS))
            words = run[begin : begin + PLACE_WORDS]
            if (rank := (bool(hits), len(words))) > best_rank:
                best, best_rank = " ".join(words), rank
        if best_rank[0]:
            break
    return best


def _runs(line: str) -> list[list[str]]:
    """Return the words of a line in runs between those that hold markup."""
    runs: list[list[str]] = [[]]
    for word in line.split():
        if _MARKUP.search(word):
            runs.append([])
        else:
            runs[-1].append(word)
    return runs


def _hits(flat: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Return where words stand that were asked for, each or all of a run in a row, by the rule by which they were found."""
    runs = list(filter(None, map(_run, terms)))
    if not runs:
        return []
    if plain := aligned(flat):
        return [hit.span() for hit in _pattern(tuple(map(tuple, runs))).finditer(plain)]
    tokens = cut(flat)
    whole, inside = list(filterfalse(attrgetter("inside"), tokens)), list(filter(attrgetter("inside"), tokens))
    spans = {*_spans(whole, runs), *_spans(inside, runs)}
    return _apart(sorted(spans, key=lambda span: (span[0], -span[1])))


def _run(term: str) -> list[str]:
    """Return a term's words; one of ASCII is cut already."""
    return term.split() if term.isascii() else words(term)


def _spans(row: Sequence[Token], runs: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    starts: dict[str, list[Sequence[str]]] = {}
    for run in runs:
        starts.setdefault(run[0][:SHORT], []).append(run)  # of which no stem is shorter
    for number, token in enumerate(row):
        for run in starts.get(token.text[:SHORT], ()):
            tokens = row[number : number + len(run)]
            texts = [token.text for token in tokens]
            if len(texts) == len(run) and all(map(alike, texts, run)):
                yield token.begin, tokens[-1].end


@lru_cache(maxsize=64)
def _pattern(runs: tuple[tuple[str, ...], ...]) -> re.Pattern[str]:
    """Return what finds these runs of words, or other forms of them, in a text whose words stand apart: as `alike` says."""
    rows = {r"\s+".join(map(_forms, run)) for run in runs}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(rows, key=lambda row: (-len(row), row)))})(?!\S)")


def _forms(word: str) -> str:
    """Return a pattern of a word and its other forms."""
    short = stem(word)
    if len(short) < SHORT:
        return re.escape(word)
    return rf"(?:{re.escape(word)}|{re.escape(short)}\S{{0,4}})"


def alike(word: str, wanted: str) -> bool:
    """Whether a word is the other, or another form of it."""
    short = stem(wanted)
    return word == wanted or (len(short) >= SHORT and word.startswith(short) and len(word) - len(short) <= 4)


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what overlaps."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def stem(word: str) -> str:
    """Return a word without the ending that the index's stemmer takes off most often."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 3:
            return word[: -len(ending)]
    return word


def _start(flat: str, hits: Sequence[tuple[int, int]], length: int) -> int:
    """Return where the stretch begins: a little before the hit after which most others follow within it."""
    if not hits or len(flat) <= length:
        return 0

    def follow(hit: tuple[int, int]) -> int:
        return sum(hit[0] <= other[0] < hit[0] + length * 3 // 4 for other in hits)

    best = max(hits, key=lambda hit: (follow(hit), -hit[0]))
    begin = max(0, best[0] - length // 5)
    return flat.find(" ", begin, best[0]) + 1 or best[0] if begin else 0
