"""Texts on which a pattern takes longest, made from the pattern itself: what it repeats, many times over, and then what ends it badly."""

import itertools
import re
from collections.abc import Iterator
from re import _constants as c
from re import _parser as parser
from typing import Any

KILLERS = ("\x00", "", "\n")
BETWEEN = ("", " ", "(", "\n")
ENDS = (*((between, "") for between in BETWEEN), (" ", "x "), ("(", "-"))  # before and after a long repetition
FEW, MANY = 30, 400  # turns of a repetition
LONG = 10  # a repetition that may go on longer than this is worth filling
MOST_LETTERS = 7  # of a pattern, of which words of two and three are made
CATEGORIES = {
    c.CATEGORY_DIGIT: "1",
    c.CATEGORY_NOT_DIGIT: "a.",
    c.CATEGORY_SPACE: " \n",
    c.CATEGORY_NOT_SPACE: "a.",
    c.CATEGORY_WORD: "a1_A",
    c.CATEGORY_NOT_WORD: "- ",
}


def texts(pattern: re.Pattern[str], length: int) -> Iterator[str]:
    """Yield texts of about this many characters."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    pumps = dict.fromkeys(_pumps(tree, ""))
    for whole in _nearly(tree):
        for between in BETWEEN:
            yield (between + whole) * (length // len(between + whole))
    for prefix, body in pumps:
        for pump in (body, prefix + body, prefix, *(one + prefix + body * FEW + bad for one, bad in ENDS)):
            for killer in KILLERS if pump else ():
                yield prefix + pump * (length // len(pump)) + killer
    letters = sorted(set(_letters(tree)))
    step = max(1, -(-len(letters) // MOST_LETTERS))
    some = letters[::step]
    for word in itertools.chain(letters, *(map("".join, itertools.product(some, repeat=size)) for size in (2, 3))):
        for killer in KILLERS[:2]:
            yield word * (length // len(word)) + killer


def _nearly(tree: Any) -> Iterator[str]:
    """Yield texts that match but for their end, with every repetition long."""
    for turns in (FEW, MANY):
        for one in _examples(tree, turns):
            for cut in (1, 2, FEW):
                if one[:-cut]:
                    yield one[:-cut]


def _pumps(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """Yield (what leads to a long repetition, one turn of it), each way through what is repeated once."""
    for op, value in tree:
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            _, most, inside = value
            if most == c.MAXREPEAT or int(most) > LONG or len(inside) > 1:
                for one in filter(None, _examples(inside)):
                    yield before, one
            yield from _pumps(inside, before)
        for part in _parts(op, value):
            yield from _pumps(part, before)
        before += next(iter(_examples([(op, value)])), "")


def _parts(op: Any, value: Any) -> list[Any]:
    if op is c.SUBPATTERN:
        return [value[3]]
    if op is c.BRANCH:
        return list(value[1])
    if op is c.ATOMIC_GROUP:
        return [value]
    return []


def _examples(tree: Any, turns: int = 1) -> list[str]:
    """Return a few texts that this piece matches, with so many turns of what is repeated."""
    made = [""]
    for op, value in tree:
        made = [head + tail for head in made[:6] for tail in _one(op, value, turns)[:6]]
    return list(dict.fromkeys(made))[:12]


def _one(op: Any, value: Any, turns: int = 1) -> list[str]:
    if op in (c.LITERAL, c.NOT_LITERAL):
        return [chr(value)] if op is c.LITERAL else ["a" if value != ord("a") else "b"]
    if op is c.ANY:
        return ["a", " "]
    if op is c.IN:
        return _of_a_set(value)
    if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        least, most, inside = value
        made = [one * max(1, int(least), min(turns, int(most))) for one in _examples(inside)]
        return ["", *made] if int(least) == 0 and turns == 1 else made
    if _parts(op, value):
        return [one for part in _parts(op, value) for one in _examples(part, turns)]
    return [""]  # an assertion, or a group said again


def _of_a_set(items: Any) -> list[str]:
    if items[0][0] is c.NEGATE:
        return [one for one in "a1A_ -.\n" if not any(_in(one, op, value) for op, value in items[1:])][:4] or ["\x01"]
    found: list[str] = []
    for op, value in items:
        found += CATEGORIES.get(value, "a") if op is c.CATEGORY else chr(value if op is c.LITERAL else value[0])
    return found


def _in(letter: str, op: Any, value: Any) -> bool:
    if op is c.LITERAL:
        return bool(ord(letter) == value)
    if op is c.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    name = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}.get(
        str(value).replace("NOT_", ""), "a"
    )
    return bool((re.match(name, letter) is not None) != ("NOT_" in str(value)))


def _letters(tree: Any) -> Iterator[str]:
    for op, value in tree:
        if op in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            yield from _letters(value[2])
        elif _parts(op, value):
            for part in _parts(op, value):
                yield from _letters(part)
        else:
            yield from (one for one in _one(op, value) if one)
