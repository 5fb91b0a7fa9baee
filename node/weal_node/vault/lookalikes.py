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


@cache
def _alike() -> dict[str, str]:
    """Return the small Latin letter that stands for each letter which looks like it."""
    found: dict[str, str] = {}
    for letter, likes in confusables_data.items():
        plain = [one for like in likes if len(one := like["c"]) == 1 and one.isascii() and one.isalpha()]
        if len(letter) == 1 and not letter.isascii() and plain:
            small = [one for one in plain if one in _SMALL]
            found[letter] = (small or [plain[0].lower()])[0]
    return found
