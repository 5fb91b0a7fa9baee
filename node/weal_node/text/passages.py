"""Passages: a note in pieces that an encoder reads whole, cut where a writer would."""

import re

LONGEST = 900  # characters: chosen when an encoder read 256 tokens; that of today reads it in three parts (features/encoder.WINDOW)
UNDERSTOOD = 40  # pieces of one note that are embedded; of a longer one the rest is found by its words only
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def split(body: str) -> tuple[str, ...]:
    """Return the body's pieces, in order, none empty; together they hold every word. An empty body is one empty piece."""
    pieces: list[str] = []
    for paragraph in _PARAGRAPH.split(body):
        for part in _short(paragraph.strip()):
            if pieces and len(pieces[-1]) + len(part) + 2 <= LONGEST:
                pieces[-1] += "\n\n" + part
            else:
                pieces.append(part)
    return tuple(pieces) or ("",)


def _short(paragraph: str) -> list[str]:
    """Cut one paragraph after sentences, a long sentence after words, a long word anywhere."""
    if len(paragraph) <= LONGEST:
        return [paragraph] if paragraph else []
    parts: list[str] = []
    for sentence in _SENTENCE.split(paragraph):
        for word in [sentence] if len(sentence) <= LONGEST else sentence.split():
            for start in range(0, len(word), LONGEST):
                piece = word[start : start + LONGEST]
                if parts and len(parts[-1]) + len(piece) + 1 <= LONGEST:
                    parts[-1] += " " + piece
                else:
                    parts.append(piece)
    return parts
