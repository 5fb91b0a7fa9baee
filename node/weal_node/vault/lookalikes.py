"""Letters of other scripts that look like Latin ones, as the Latin ones. Pure.

By Unicode's confusables (UTS 39): what reads as a word to a person is that word, whichever keyboard it came from.
"""

from functools import cache

from confusable_homoglyphs.confusables import confusables_data

_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")


def latin(text: str) -> str:
    """Return text with each letter that looks like a Latin one as that one; everything else, and its length, as it was."""
    if text.isascii():
        return text
    alike = _alike()
    return "".join(alike.get(letter) or alike.get(letter.lower(), letter) for letter in text)


def _is_latin(sign: str) -> bool:
    return len(sign) == 1 and sign.isascii() and sign.isalpha()


@cache
def _alike() -> dict[str, str]:
    """Return the small Latin letter that stands for each letter which looks like it."""
    alike: dict[str, str] = {}
    for letter, likes in confusables_data.items():
        if len(letter) != 1 or letter.isascii():
            continue
        plain = list(filter(_is_latin, (like["c"] for like in likes)))
        if plain:
            alike[letter] = next(filter(_SMALL.__contains__, plain), plain[0].lower())
    return alike
