"""Resurfacing: an old note of this person's that bears on what they write today."""

from collections.abc import Sequence

from weal_node.proposals.evidence import Candidate, Citation, Proposal, diverse, relevance

OLD_MS = 30 * 24 * 3_600 * 1_000
NEW_MS = 24 * 3_600 * 1_000
LEAST = 0.45
MOST = 3


def find(edits: Sequence[Citation], candidates: Sequence[Candidate]) -> tuple[Proposal, ...]:
    """Return at most three. candidates: passages of old notes, each with the number of the edit that it may bear on."""
    best: dict[str, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (-relevance(one.words, one.meaning), one.passage)):
        if relevance(one.words, one.meaning) >= LEAST and one.cited.note != edits[one.question].note:
            best.setdefault(one.cited.note, one)
    kept = list(best.values())
    scores = [relevance(one.words, one.meaning) for one in kept]
    order = diverse(scores, [one.vector for one in kept], [0.0] * len(kept), MOST)
    return tuple(_proposal(edits[kept[place].question], kept[place].cited, scores[place]) for place in order)


def _proposal(edit: Citation, old: Citation, score: float) -> Proposal:
    text = f"You are writing “{edit.title}”. Long ago you wrote in “{old.title}”: “{old.quote}”"
    return Proposal("memory", text, (edit, old), score)
