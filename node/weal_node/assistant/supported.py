"""Which sentences of a model's answer rest on the passages that it was shown. Pure, line by line; what rests on none is dropped.

A sentence counts only where it ends with the numbers of shown passages, half of its words stand in those, and every figure and every name in
it does too. It may not deny where none of them denies, and may carry no address or command (node/decisions/0049).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from weal_node.proposals.dictated import instructs
from weal_node.text.words import words

LONGEST = 400  # characters of a sentence
MOST = 12  # sentences of an answer
READ = 8_000  # characters of what a model wrote
SHARE = 0.5  # of a sentence's words of four letters and more that stand in what it cites; chosen: a paraphrase keeps about that many
_MARK = re.compile(r"\[\s{0,2}(\d{1,2}(?:\s{0,2},\s{0,2}\d{1,2}){0,9})\s{0,2}\]")
_END = re.compile(r"(?<=[.!?])\s+(?![\[(])|(?<=\])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])?\s*")
_NAME = re.compile(r"(?<=[^\s.!?:]\s)[A-ZÀ-ÞА-Я][^\W\d_]+")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_DENYING = "not no never none nobody nothing without cannot don t kein keine keinen nicht nie niemand ohne pas ne jamais sans non mai nunca sin не няма без"
_DENIES = frozenset(_DENYING.split())


@dataclass(frozen=True, slots=True)
class Sentence:
    """text: without its marks.  cites: numbers of the shown passages that it rests on, from 1."""

    text: str
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """sentences: those that rest on what was shown, in order.  left_out: those that do not, in the model's words, but for what may not be shown at all."""

    sentences: tuple[Sentence, ...]
    left_out: tuple[str, ...]

    @property
    def text(self) -> str:
        """The answer without its marks."""
        return " ".join(sentence.text for sentence in self.sentences)


def check(answer: str, shown: Sequence[str]) -> Checked:
    """Return which sentences of an answer rest on the passages that were shown, numbered from 1 in this order."""
    kept: list[Sentence] = []
    left_out: list[str] = []
    for part in _END.split(_joined(answer[:READ])):
        line = _BULLET.sub("", part).strip()
        if not line or len(kept) == MOST:
            continue
        sentence = _supported(line, shown)
        if sentence is not None:
            kept.append(sentence)
        elif (plain := _plain(line)) and len(plain) <= LONGEST and plain.isprintable() and not instructs(plain):
            left_out.append(plain)
    return Checked(tuple(kept), tuple(left_out[:MOST]))


def _joined(answer: str) -> str:
    """Return an answer in which a mark stands right behind the sentence that it is of."""
    return re.sub(r"([.!?])[ \t]{1,3}(?=\[)", r"\1", answer)


def _plain(line: str) -> str:
    return " ".join(_MARK.sub("", line).split()).replace(" .", ".")


def _supported(line: str, shown: Sequence[str]) -> Sentence | None:
    text = _plain(line)
    listed = [int(number) for marks in _MARK.findall(line) for number in re.findall(r"\d+", marks)]
    cites = tuple(dict.fromkeys(listed))
    if not cites or min(cites) < 1 or max(cites) > len(shown):
        return None
    if not 0 < len(text) <= LONGEST or not text.isprintable() or instructs(text):
        return None
    sources = [shown[number - 1] for number in cites]
    return Sentence(text, cites) if _rests(text, sources) else None


def _rests(text: str, sources: Sequence[str]) -> bool:
    """Whether a sentence says little that its sources do not: each is used, most words, all figures and all names stand there."""
    said, stems = words(text), [_stems(words(source)) for source in sources]
    everything = frozenset().union(*stems)
    long = [word for word in said if len(word) > 3 and not word.isdigit()]
    if not long or any(stem.isdisjoint(_stems(long)) for stem in stems):
        return False
    held = sum(word[:5] in everything for word in long)
    if held < SHARE * len(long):
        return False
    figures = {figure for source in sources for figure in _FIGURE.findall(source)}
    if not figures.issuperset(_FIGURE.findall(text)):
        return False
    if any(word[:5] not in everything for name in _NAME.findall(text) for word in words(name)):
        return False
    return not (_denies(said) and not any(_denies(words(source)) for source in sources))


def _stems(row: Sequence[str]) -> frozenset[str]:
    return frozenset(word[:5] for word in row)


def _denies(row: Sequence[str]) -> bool:
    return not _DENIES.isdisjoint(row)
