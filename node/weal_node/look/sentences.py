"""Sentences of a person's own lines, each with the line that it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weal_node.look.closed import closed
from weal_node.look.lines import Line
from weal_node.look.reading import NoteReading

LONGEST, SHORTEST = 300, 8  # characters of a sentence that is quoted
_END = re.compile(
    r"(?<!\bProf\.)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bSt\.)(?<!\bvs\.)(?<!e\.g\.)(?<!i\.e\.)(?<=[.!?])\s+(?=[A-Z0-9ÄÖÜÉÈ…(])"
)
_SAID = re.compile(r"[\"“”„«»]|(?<!\w)['‘][^'‘’\n]{3,200}['’](?!\w)")
_NUMBERED = re.compile(r"^(?:\(?\d{1,3}[.)]|[-–—*•])\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence. last: whether nothing of its paragraph or list follows it.  alone: whether it is the whole line.
    closed: whether its writer put behind or below it that it is done or dropped."""

    text: str
    line: Line
    last: bool
    alone: bool
    closed: bool = False


def sentences(reading: NoteReading) -> Iterator[Sentence]:
    """Yield the sentences that may be shown, none in quotation marks, none that touches what the guard keeps."""
    below = {line.number - 1: line.text for line in reading.lines}
    for line in reading.lines:
        if line.kind in ("heading", "done") or not reading.quotable(line):
            continue
        parts = [part.strip() for part in _END.split(line.text)]
        for place, part in enumerate(parts):
            text = _NUMBERED.sub("", part)
            if SHORTEST <= len(text) <= LONGEST and not _SAID.search(text):
                after = below.get(line.number, "") if place == len(parts) - 1 else ""
                over = "~~" in line.raw or closed(" ".join(parts[place:]), after)
                yield Sentence(text, line, place == len(parts) - 1 and line.below == 0, len(parts) == 1, over)
