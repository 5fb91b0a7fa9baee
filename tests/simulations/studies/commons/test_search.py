"""What the study of search asks is what a person could ask, and what it writes is a note like any other."""

import random

from weal_node.text.query import parse
from weal_node.vault import markdown
from weal_simulations.studies.commons.search import QUESTIONS, SENTENCES, questions, sentences


def test_sentences_differ_and_every_question_can_be_asked() -> None:
    draw = random.Random(1)
    said = sentences(draw)
    assert len(set(said)) == SENTENCES
    asked = questions(draw, said, ["kelmidorberg"])
    assert all(len(texts) == QUESTIONS for texts in asked.values())
    assert all(parse(text).terms for texts in asked.values() for text in texts)
    found = [parse(text) for text in asked["filtered"]]
    assert any(one.tag for one in found)
    assert any(one.since_ms for one in found)
    assert markdown.read(said[0].encode(), "a.md").body == said[0]
