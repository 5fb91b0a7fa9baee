"""Resurfacing: an old note of this person's that bears on what they write today."""

from collections.abc import Sequence

from weal_node.proposals.bridges import worth
from weal_node.proposals.evidence import Candidate, Citation, Proposal, diverse

OLD_MS = 30 * 24 * 3_600 * 1_000
NEW_MS = 24 * 3_600 * 1_000
LEAST = 0.33  # as of a bridge: the same relevance of the same passages
MOST = 3


def find(edits: Sequence[Citation], candidates: Sequence[Candidate]) -> tuple[Proposal, ...]:
    """Return at most three. candidates: passages of old notes, each with the number of the edit that it may bear on."""
    best: dict[str, tuple[float, Candidate]] = {}
    for number, edit in enumerate(edits):
        for score, candidate in worth([candidate for candidate in candidates if candidate.question == number]):
            note = candidate.cited.note
            if score >= LEAST and note != edit.note and score > best.get(note, (0.0,))[0]:
                best[note] = (score, candidate)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].passage))
    scores, vectors = [], []
    for score, candidate in ranked:
        scores.append(score)
        vectors.append(candidate.vector)
    chosen = [ranked[place] for place in diverse(scores, vectors, [0.0] * len(ranked), MOST)]
    return tuple(_proposal(edits[candidate.question], candidate.cited, score) for score, candidate in chosen)


def _proposal(edit: Citation, old: Citation, score: float) -> Proposal:
    text = f"You are writing “{edit.title}”. Long ago you wrote in “{old.title}”: “{old.quote}”"
    return Proposal("memory", text, (edit, old), score)
