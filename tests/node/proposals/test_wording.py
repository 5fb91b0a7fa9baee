"""What a card asks for is one sentence, by its kind; what says it already stands as it is."""

import pytest

from weal_node.proposals.evidence import Citation
from weal_node.proposals.wording import act

OWN = Citation("", "", "note", "1", "Garden.md", "Garden", "How do I keep slugs away?")
BEN = Citation("b", "Ben", "note", "2", "Log.md", "Log", "Copper tape.")
CEM = Citation("c", "Cem", "note", "3", "Rules.md", "Rules", "Only on Sundays.")


@pytest.mark.parametrize(
    ("kind", "cited", "said"),
    [
        ("bridge", (OWN, BEN), "Read what Ben wrote about your question"),
        ("match", (OWN, BEN), "Ask Ben for help with “How do I keep slugs away?”"),
        ("match", (OWN, BEN, CEM), "its text"),
        ("mention", (OWN, BEN), "Look at what Ben writes about “Garden”"),
        ("memory", (OWN, OWN), "Put “Garden” and “Garden” together"),
        ("recombination", (OWN, BEN, CEM), "Bring together what you and Ben and Cem wrote"),
        ("act", (OWN,), "its text"),
        ("draft", (OWN, BEN), "its text"),
    ],
)
def test_each_kind_says_what_there_is_to_do(kind: str, cited: tuple[Citation, ...], said: str) -> None:
    assert act(kind, "its text", cited) == said
