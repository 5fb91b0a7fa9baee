"""Bridges: an open question of this person, and a passage of somebody else's that has to do with it."""

from collections.abc import Sequence

from weal_node.proposals.evidence import Candidate, Citation, Proposal, diverse, relevance

LEAST = 0.33  # relevance from which a passage is worth showing; tuned in the study `commons`
EACH = 2  # passages for one question
MOST = 10


def ranked(candidates: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Return the passages for one question, best first: relevant, and not the same thing over and over."""
    best = worth(candidates)[: 3 * limit]
    some = [one for _, one in best]
    order = diverse([score for score, _ in best], [one.vector for one in some], [one.known for one in some], limit)
    return [some[place] for place in order]


def worth(candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Return all passages found for one question with their relevance, best first."""
    scores = relevance([one.words for one in candidates], [one.meaning for one in candidates])
    return sorted(zip(scores, candidates, strict=True), key=lambda pair: (-pair[0], pair[1].passage))


def find(questions: Sequence[Citation], candidates: Sequence[Candidate]) -> tuple[Proposal, ...]:
    """Return bridges, best first. A passage serves one question only: the one it has most to do with."""
    found: list[tuple[float, Candidate]] = []
    for number in range(len(questions)):
        asked = [one for one in candidates if one.question == number]
        score_of = {one.passage: score for score, one in worth(asked)}
        kept = [(score_of[one.passage], one) for one in ranked(asked, EACH)]
        found += [(score, one) for score, one in kept if score >= LEAST]
    best: dict[int, tuple[float, Candidate]] = {}
    for score, one in found:
        if one.passage not in best or score > best[one.passage][0]:
            best[one.passage] = (score, one)
    ordered = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].passage))[:MOST]
    return tuple(_proposal(questions[one.question], one.cited, score) for score, one in ordered)


def _proposal(question: Citation, passage: Citation, score: float) -> Proposal:
    text = f"You asked: “{question.quote}” {passage.who} wrote: “{passage.quote}”"
    return Proposal("bridge", text, (question, passage), score)
