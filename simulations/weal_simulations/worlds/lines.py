"""How much short lines, needs and offers, share of their words: BM25 among themselves, over what a line has with itself."""

import math
import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
ENDINGS = ("ings", "ing", "ers", "er", "ies", "es", "ed", "s")
K1, B = 1.2, 0.75  # as in SQLite's FTS5


class Lines:
    """Lines of text that are compared with each other. Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words = {line: Counter(_stems(line)) for line in lines}
        held = Counter(stem for words in self._words.values() for stem in words)
        total = len(self._words)
        self._idf = {stem: math.log(1 + (total - count + 0.5) / (count + 0.5)) for stem, count in held.items()}
        self._mean = sum(sum(words.values()) for words in self._words.values()) / max(1, total)

    def likeness(self, asked: str, line: str) -> float:
        """Return 0 (no word shared) to 1 (as good as the line asked for itself)."""
        best = self.score(asked, asked)
        return min(1.0, self.score(asked, line) / best) if best > 0 else 0.0

    def score(self, asked: str, line: str) -> float:
        """Return BM25 of a line for what is asked; both must be among the lines."""
        words, norm = self._words[line], 1 - B + B * sum(self._words[line].values()) / max(1e-9, self._mean)
        shared = (stem for stem in self._words[asked] if stem in words)
        return sum(self._idf[stem] * words[stem] * (K1 + 1) / (words[stem] + K1 * norm) for stem in shared)


def _stems(line: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(line.casefold()) if len(word) > 2]


def _stem(word: str) -> str:
    return next((word[: -len(end)] for end in ENDINGS if word.endswith(end) and len(word) - len(end) > 2), word)
