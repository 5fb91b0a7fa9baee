"""What is shown of a passage is what stands under one heading with the sentence that bears on the question."""

from weal_node.search.cited import quoted
from weal_node.search.sources import Found
from weal_node.store.passages import IndexedDocument, Passage
from weal_node.text.bearing import Evidence

DOCUMENT = IndexedDocument("", "n", "v", "note", "n.md", "Diary", (), "private", 1)


def shown(text: str, sentence: str, *terms: str, length: int = 420) -> str:
    found = Found(Passage(1, DOCUMENT, text), Evidence(0.5, 0.5, 1.0, False), sentence)
    return "".join(piece for piece, _ in quoted(found, terms, length))


def test_a_quote_keeps_to_its_heading() -> None:
    text = "# May\nBlackfly.\n\n# July\nHail on the 11th. Garlic lifted.\n\n# September\nQuinces late."
    assert shown(text, "Hail on the 11th.", "hail") == "Hail on the 11th. Garlic lifted."
    assert shown(text, "", "quinces") == "Blackfly. Hail on the 11th. Garlic lifted. Quinces late."
    assert shown("# Only a heading", "") == "# Only a heading"


def test_a_long_passage_is_quoted_from_its_nearest_sentence() -> None:
    text = "Flour and water. " * 20 + "The pump needs priming. " + "Salt and sugar. " * 20
    assert shown(text, "The pump needs priming.", length=60).startswith("… The pump needs priming. Salt")
    assert shown(text, "The pump needs priming.", length=60).endswith(" …")
