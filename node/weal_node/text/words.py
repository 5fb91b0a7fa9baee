"""Words: one way of cutting text into what is looked for, for what is indexed and for what is asked alike. Pure.

Letters are compared without case, accents, vowel points and width (NFKD and casefold, Unicode's own), so that a word is found however
it was typed. Scripts that put no blanks between words (Chinese, Japanese, Thai, Khmer ...) are cut into single letters, and looked
for as runs of them. An emoji is a word; other signs are none, but C++ and C# are told from C.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from weal_protocol import letters

LONGEST = 64  # letters of a word that count
BREAK = "·"  # between the words of a text and those that stand inside them: no run of words goes across
_UNBLANKED = (  # first and last of the blocks whose scripts have no blanks between words
    (0x0E00, 0x0EFF), (0x0F00, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19FF), (0x1A20, 0x1AAF), (0x1B00, 0x1B7F), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xA980, 0xA9FF),
    (0xAA60, 0xAADF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
_SYLLABLES = (
    (0x0E00, 0x109F),
    (0x1780, 0x1AAF),
    (0x1B00, 0x1B7F),
    (0xA980, 0xAADF),
)  # of these three letters say what two say of others
_LIKE = {
    "ı": "i",
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ħ": "h",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "ʼ": "'",
    "ʻ": "'",
    "\u0640": "",
}
_SIGNS = re.compile(r"(?<![^\W_])([^\W_]+)([+#]{1,3})(?![+#])")
_WORD = re.compile(r"[^\W_]+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_CLUSTERS = re.compile(r"[\x00-\x7f]+(?![^\x00-\x7f])|.", re.DOTALL)


class Token(NamedTuple):
    """A word as it is compared, and where it stands in the text. inside: it is a part of another, or another with its signs."""

    text: str
    begin: int
    end: int
    inside: bool = False


class _Letters(dict[int, str]):
    """What becomes of a letter that is decomposed and folded; each is looked at once."""

    def __missing__(self, number: int) -> str:
        letter = chr(number)
        kind, joins = unicodedata.category(letter), unicodedata.combining(letter)
        if letter in _LIKE:
            folded = _LIKE[letter]
        elif kind == "Nd":
            folded = str(unicodedata.decimal(letter))
        elif kind in ("Cf", "Me") or 0xFE00 <= number <= 0xFE0F or 0xE0100 <= number <= 0xE01EF:
            folded = ""  # soft hyphens, joiners, directions, variants: nobody sees them
        elif kind[0] == "M" and (joins >= 200 or 10 <= joins <= 36):
            folded = ""  # accents, Hebrew and Arabic points; vowel signs of Indic and Thai scripts stay
        elif kind[0] in "LMN":
            folded = f" {letter} " if unblanked(letter) else letter
        elif (kind == "So" and (number >= 0x2600 or 0x231A <= number <= 0x23FF)) or 0x1F3FB <= number <= 0x1F3FF:
            folded = f" {letter} "
        else:
            folded = " "
        self[number] = folded
        return folded


class _Raised(dict[int, str]):
    """What stands by itself before letters are decomposed: ² and ① beside a word are none of its letters."""

    def __missing__(self, number: int) -> str:
        letter = chr(number)
        raised = number > 0x7F and unicodedata.category(letter) == "No"
        self[number] = spaced = " " if letter in "™℠©®" else f" {letter} " if raised else letter
        return spaced


_LETTERS, _RAISED = _Letters(), _Raised()


def unblanked(letter: str) -> bool:
    """Whether a letter is of a script that puts no blanks between words."""
    return _in_blocks(letter, _UNBLANKED)


def run_of(letter: str) -> int:
    """Return how many letters in a row of such a script say about as much as a word."""
    return 3 if _in_blocks(letter, _SYLLABLES) else 2


def _in_blocks(letter: str, blocks: Iterable[tuple[int, int]]) -> bool:
    return any(first <= ord(letter) <= last for first, last in blocks)


def words(text: str) -> list[str]:
    """Return the words of a text in order, as they are compared."""
    return [word[:LONGEST] for word in _folded(text).split()]


def indexed(text: str) -> str:
    """Return what the index keeps of a text: its words, then those inside of them, with blanks between."""
    whole = words(text)
    inner = list(map(itemgetter(0), _inside(text)))
    return " ".join([*whole, BREAK, *inner] if inner else whole)


def cut(text: str) -> list[Token]:
    """Return the words of a text with their places, in order of these; those inside others too."""
    letters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    for begin, end, folded in _pieces(text):
        letters.append(folded)
        if end - begin == len(folded):
            begins += range(begin, end)
            ends += range(begin + 1, end + 1)
        else:
            begins += [begin] * len(folded)
            ends += [end] * len(folded)
    plain = "".join(letters)
    matches = re.finditer(r"\S+", plain)
    whole = [Token(word[0][:LONGEST], begins[word.start()], ends[word.end() - 1]) for word in matches]
    return sorted([*whole, *_inside(text)], key=lambda token: (token.begin, token.inside))


def aligned(text: str) -> str:
    """Return the text as it is compared, letter by letter, words apart; "" where that takes more or fewer letters than the text has,
    or where words stand inside others."""
    if "+" in text or "#" in text or _HUMPS.search(text):
        return ""
    if not all(letter.isascii() or len(_cluster(letter)) == 1 for letter in set(text)):
        return ""
    plain = _folded(text)
    return plain if len(plain) == len(text) else ""


def signed(text: str) -> str:
    """Return the one word of a text with the signs behind it, as in C++; "" where it is not just that."""
    tokens = _with_signs(text)
    return tokens[0].text if len(tokens) == 1 and len(words(text)) == 1 else ""


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Give stretches of a text, each as (begin, end, folded): of ASCII as long as they are, of other letters with their marks."""
    begin = 0
    for cluster in _CLUSTERS.finditer(text):
        if cluster.start() < begin:
            continue
        end = cluster.end()
        while end < len(text) and not text[end].isascii() and unicodedata.category(text[end])[0] == "M":
            end += 1
        stretch = text[cluster.start() : end]
        yield cluster.start(), end, _cluster(stretch) if len(stretch) < 8 else _folded(stretch)
        begin = end


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower().translate(_LETTERS)
    plain = letters.normal("NFKD", text.translate(_RAISED)).casefold()
    plain = letters.normal("NFKD", plain).replace("и\u0306", "й")  # another letter, not an accent
    return plain.translate(_LETTERS)


_cluster = lru_cache(maxsize=20_000)(_folded)


def _inside(text: str) -> list[Token]:
    """Return the parts of names such as parseHTTPResponse and B12, and words with the signs behind them."""
    tokens, read = _with_signs(text), 0
    for hump in _HUMPS.finditer(text):
        if hump.start() < read:
            continue
        begin, least = hump.start(), max(read, hump.start() - LONGEST)
        while begin > least and _WORD.match(text[begin - 1]):
            begin -= 1
        word = _WORD.match(text, begin)
        read = word.end() if word else hump.end()
        humps = [place.start() for place in _HUMPS.finditer(text, begin, read)]
        for first, last in pairwise((begin, *humps, read)):
            part = words(text[first:last]) if last - first > 1 else []
            tokens += [Token(word, first, last, inside=True) for word in part]
    return tokens


def _with_signs(text: str) -> list[Token]:
    tokens = list[Token]()
    if "+" not in text and "#" not in text:
        return tokens
    for match in _SIGNS.finditer(text):
        follows = text[match.end() : match.end() + 1]
        word = words(match[1])
        if len(word) == 1 and (len(match[2]) > 1 or not follows.isalnum()):
            tokens.append(Token(word[0] + match[2], match.start(), match.end(), inside=True))
    return tokens
