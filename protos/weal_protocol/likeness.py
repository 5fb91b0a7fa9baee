"""Likeness: names that look alike are told apart by letters of the key, wherever a name is shown. Pure.

A name is what its owner writes, and anyone may write another's. Two names look alike where their skeletons are one: Unicode's
confusables (UTS 39), case, accents, width, signs, blanks and what nobody sees apart. Rather too many than too few: all that follows
is that some of the key stands behind the name.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache

from confusable_homoglyphs.confusables import confusables_data

from weal_protocol import letters

DIGITS = 12  # of a key in hex: 48 bits, more than anyone makes keys for to hit two names at once
MOST_MARKS = 2  # above or below one letter; more of them hide the lines around
UNSEEN = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))
) | frozenset(range(0xE0100, 0xE01F0))
RESERVED = ("you", "me", "guest", "coordinator", "weal")  # what pages call others than members


def seen(name: str) -> str:
    """Return a name as it may be shown: no letter that is not seen or turns others round, single blanks, few marks on one letter."""
    found: list[str] = []
    marks = 0
    for letter in name:
        kind = unicodedata.category(letter)
        if ord(letter) in UNSEEN or kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"):
            found.append(" " if kind in ("Cc", "Zl", "Zp", "Zs") or ord(letter) == 0x2800 else "")
            continue
        marks = marks + 1 if kind[0] == "M" else 0
        if marks <= MOST_MARKS:
            found.append(letter)
    return " ".join("".join(found).split())


def skeletons(name: str) -> tuple[str, str]:
    """Return what is left of a name once everything that looks alike is one: with capitals looked at as such, and as small letters
    (ν looks like v and Ν like N, which look like nothing of each other)."""
    plain = "".join(one for one in letters.normal("NFKD", seen(name)) if unicodedata.category(one)[0] != "M")
    small = "".join(one for one in letters.normal("NFKD", plain.casefold()) if unicodedata.category(one)[0] != "M")
    return _spelt(plain).casefold(), _spelt(small)


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Return each name as it is shown, by hex key: with some of its key where another looks like it, or it like one of RESERVED; a
    name of nothing that is seen is some of the key alone."""
    bones = {key: skeletons(name) for key, name in names.items()}
    alike = Counter(bone for pair in bones.values() for bone in set(pair))
    reserved = {bone for one in RESERVED for bone in skeletons(one)}
    guest = skeletons("guest")[1]

    def told(key: str, name: str) -> str:
        plain, pair = seen(name), set(bones[key])
        if not plain:
            return key[:DIGITS]
        unlike = all(alike[bone] == 1 for bone in pair) and not pair & reserved and not bones[key][1].endswith(guest)
        return plain if unlike else f"{plain} {key[:DIGITS]}"

    return {key: told(key, name) for key, name in names.items()}


def _spelt(plain: str) -> str:
    """Return a text with one letter for all that look like it, signs and blanks left out unless there is nothing else."""
    found = "".join(_classes().get(letter, letter) for letter in plain)
    kept = "".join(letter for letter in found if letter.isalnum()) or found
    for pair, one in (("rn", "m"), ("vv", "w")):
        kept = kept.replace("".join(_classes().get(letter, letter) for letter in pair), _classes().get(one, one))
    return kept


@cache
def _classes() -> dict[str, str]:
    """Return for each letter that looks like another the one that stands for them all."""
    above: dict[str, str] = {}

    def first(letter: str) -> str:
        while above.get(letter, letter) != letter:
            letter = above[letter]
        return letter

    def join(one: str, other: str) -> None:
        low, high = sorted((first(one), first(other)))
        above[high] = above[low] = low

    for letter, likes in confusables_data.items():
        one = letter.strip("\u200e")
        for like in likes:
            other = like["c"].strip("\u200e")
            if len(one) == len(other) == 1:
                join(one, other)
    join("0", "o")
    return {letter: first(letter) for letter in above}
