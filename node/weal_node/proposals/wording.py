"""What a proposal asks of the person: one imperative sentence, above the words that it rests on. Pure."""

from collections.abc import Sequence

from weal_node.proposals.evidence import Citation


def act(kind: str, text: str, cited: Sequence[Citation]) -> str:
    """Return what there is to do about a proposal of this kind; its own text where that says it already."""
    if len(cited) < 2:
        return text
    first, second = cited[0], cited[1]
    if kind == "bridge":
        return f"Read what {second.who} wrote about your question"
    if kind == "match" and len(cited) == 2:
        return f"Ask {second.who} for help with “{first.quote}”"
    if kind == "memory":
        return f"Put “{first.title or 'what you write now'}” and “{second.title or 'an old note'}” together"
    if kind == "mention":
        return f"Look at what {second.who} writes about “{first.title or second.title}”"
    if kind == "recombination":
        others = [citation.who for citation in cited if citation.author]
        return f"Bring together what you and {' and '.join(dict.fromkeys(others)) or 'others'} wrote"
    return text
