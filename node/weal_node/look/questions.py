"""Open questions: what a person asked themself and left. At most one is shown: of sentences that end in "?" three of 78 were useful (look.md 1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from weal_node.look.notes import Quoted, folded, quoted, wordset
from weal_node.look.reading import NoteReading, says_i
from weal_node.look.sentences import Sentence, sentences

SHOWN = 4  # chosen; see page.QUESTION
LONGEST = 28  # words
_LEANS = wordset("he him his she her hers they them their")  # whom it speaks of stands elsewhere
_MARKED = re.compile(
    r"^(?:open question|question|q|to find out|find out|unclear|still unclear)\s{0,3}:\s{0,3}", re.IGNORECASE
)
_WONDERING = re.compile(
    r"\b(?:I wonder (?:if|whether|how|what|why|who|where)|not sure (?:whether|if|how|which)|I(?: do not|['’]m not sure| don['’]t) know (?:how to|whether|if|which|who)|need to find out|wondering (?:if|whether|how))\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:how|what|which|who|where|when|why|could|can|should|does|do|is|are|will|would)\b", re.IGNORECASE
)
_IDLE = re.compile(
    r"\b(?:no idea why|who knows|why not|right|isn['’]t it|doesn['’]t it|what if|how are you|really|makes? (?:me|one) wonder)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that nothing in its note answers."""

    quoted: Quoted
    score: int


def questions(reading: NoteReading) -> Iterator[Question]:
    """Yield the open questions of a note, score SHOWN or more."""
    if not reading.speaks or reading.weak or reading.tutorial:
        return
    for sentence in sentences(reading):
        if sentence.closed or _LEANS & set(folded(sentence.text)):
            continue
        score = _score(reading, sentence)
        if score >= SHOWN:
            yield Question(quoted(reading.note, _MARKED.sub("", sentence.text)), score)


def _score(reading: NoteReading, sentence: Sentence) -> int:
    """An answer may follow: a question counts where nothing of its paragraph or list does."""
    text = sentence.text
    marked, wondering = bool(_MARKED.match(text)), bool(_WONDERING.search(text))
    asked = text.endswith("?") and bool(_ASKED.match(text))
    if not (marked or wondering or asked) or not sentence.last:
        return 0
    own = says_i(text) or wondering or bool({"we", "our", "us"} & set(folded(text)))
    score = 2 * marked + 2 * wondering + asked + 2 * own + reading.personal
    score -= 2 * bool({"you", "your"} & set(folded(text))) + 2 * bool(_IDLE.search(text)) + (sentence.line.foreign > 0)
    return score - (len(text.split()) > LONGEST) - 2 * (len(text.split()) < 5)
