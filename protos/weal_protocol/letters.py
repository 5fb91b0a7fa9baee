"""Letters in one form (Unicode's NFC, NFD, NFKC, NFKD), at a cost that grows with the text.

Python's `unicodedata.normalize` sorts the marks on one letter in time with the square of their number, and holds the whole process while it does: a
letter with 80 KB of accents stopped everything for six seconds. No language puts more than a few marks on a letter; Unicode itself draws the line at 30
(UAX #15, Stream-Safe Text Format). A longer run is taken in pieces.
"""

import unicodedata
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
MOST_MARKS = 30  # on one letter, that are put in order together


def normal(form: Form, text: str) -> str:
    """Return the text in this form; of more than MOST_MARKS marks in a row only each piece is."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize(form, piece) for piece in _pieces(text))


def _pieces(text: str) -> list[str]:
    """Cut within long runs of marks, and nowhere else."""
    cuts, run = [0], 0
    combining = unicodedata.combining
    for place, letter in enumerate(text):
        run = run + 1 if letter > "\u02ff" and combining(letter) else 0
        if run > MOST_MARKS:
            cuts.append(place)
            run = 1
    if len(cuts) == 1:
        return [text]
    return [text[begin:end] for begin, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]
