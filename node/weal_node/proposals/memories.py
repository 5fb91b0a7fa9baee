"""Resurfacing: an old note of this person's that bears on what they write today."""

from collections.abc import Sequence

from weal_node.proposals.bridges import worth
from weal_node.proposals.evidence import Candidate, Citation, Proposal, diverse

OLD_MS = 30 * 24 * 3_600 * 1_000
NEW_MS = 24 * 3_600 * 1_000
LEAST = 0.33
MOST = 3


def find(edits: Sequence[Citation], candidates: Sequence[Candidate]) -> tuple[Proposal, ...]:
    """Return at most three. candidates: passages of old notes, each with the number of the edit that it may bear on."""
    best: dict[str, tuple[float, Candidate]] = {}
    for number, edit in enumerate(edits):
        for score, one in worth([one for one in candidates if one.question == number]):
            if score >= LEAST and one.cited.note != edit.note and score > best.get(one.cited.note, (0.0,))[0]:
                best[one.cited.note] = (score, one)
    kept = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].passage))
    order = diverse([score for score, _ in kept], [one.vector for _, one in kept], [0.0] * len(kept), MOST)
    return tuple(_proposal(edits[kept[place][1].question], kept[place][1].cited, kept[place][0]) for place in order)


def _proposal(edit: Citation, old: Citation, score: float) -> Proposal:
    text = f"You are writing “{edit.title}”. Long ago you wrote in “{old.title}”: “{old.quote}”"
    return Proposal("memory", text, (edit, old), score)
