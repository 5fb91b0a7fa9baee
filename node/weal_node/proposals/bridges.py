"""Bridges: an open question of this person, and a passage of somebody else's that has to do with it."""

from collections.abc import Sequence

from weal_node.proposals.evidence import Candidate, Citation, Proposal, diverse, relevance

LEAST = 0.33  # relevance from which a passage is worth showing; as many right ones a question pass as before another encoder, .66 for .68, and fewer wrong ones, .51 for .71 (simulations/LOG.md, 2026-11-30, "Proposals under another encoder")
EACH = 2  # passages for one question
MOST = 10


def ranked(candidates: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Return the passages for one question, best first: relevant, and not the same thing over and over."""
    best = worth(candidates)[: 3 * limit]
    scores = [score for score, _ in best]
    passages = [candidate for _, candidate in best]
    vectors = [passage.vector for passage in passages]
    return [passages[place] for place in diverse(scores, vectors, [passage.known for passage in passages], limit)]


def worth(candidates: Sequence[Candidate]) -> list[tuple[float, Candidate]]:
    """Return all passages found for one question with their relevance, best first."""
    words, meanings = [], []
    for candidate in candidates:
        words.append(candidate.words)
        meanings.append(candidate.meaning)
    scores = relevance(words, meanings)
    return sorted(zip(scores, candidates, strict=True), key=lambda pair: (-pair[0], pair[1].passage))


def find(questions: Sequence[Citation], candidates: Sequence[Candidate]) -> tuple[Proposal, ...]:
    """Return bridges, best first. A passage serves one question only: the one it has most to do with."""
    best: dict[int, tuple[float, Candidate]] = {}
    for number in range(len(questions)):
        answers = [candidate for candidate in candidates if candidate.question == number]
        score_of = {candidate.passage: score for score, candidate in worth(answers)}
        for candidate in ranked(answers, EACH):
            passage, score = candidate.passage, score_of[candidate.passage]
            if score >= LEAST and (passage not in best or score > best[passage][0]):
                best[passage] = (score, candidate)
    ordered = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].passage))[:MOST]
    return tuple(_proposal(questions[candidate.question], candidate.cited, score) for score, candidate in ordered)


def _proposal(question: Citation, passage: Citation, score: float) -> Proposal:
    text = f"You asked: “{question.quote}” {passage.who} wrote: “{passage.quote}”"
    return Proposal("bridge", text, (question, passage), score)
