"""Each rule ties what belongs together, cites both ends, and leaves the rest alone."""

import numpy as np

from weal_node.proposals import bridges, leads, memories, mentions, recombine
from weal_node.proposals.evidence import Candidate, Citation, Vector
from weal_node.proposals.matches import NeedsAndOffers
from weal_node.proposals.mentions import NamedTopic
from weal_node.proposals.recombine import RoleSentence

AXES = np.eye(4, dtype=np.float32)


def cited(author: str, quote: str, note: str = "1") -> Citation:
    return Citation(author, author.capitalize(), "note", note, "n.md", f"Note {note}", quote)


def candidate(
    question: int, passage: int, words: float, meaning: float, vector: Vector = AXES[0], known: float = 0.0
) -> Candidate:
    return Candidate(question, passage, cited("ben", f"passage {passage}", str(passage)), words, meaning, vector, known)


def test_a_bridge_cites_question_and_passage_and_keeps_to_what_is_relevant() -> None:
    asked = (cited("", "How do I keep slugs off?"), cited("", "Who has a ladder?"))
    found = bridges.find(asked, [candidate(0, 1, 0.5, 0.7), candidate(0, 2, 0.0, 0.3), candidate(1, 1, 0.4, 0.6)])
    assert [[one.quote for one in bridge.citations] for bridge in found] == [["How do I keep slugs off?", "passage 1"]]
    assert "“passage 1”" in found[0].text
    assert "Ben wrote" in found[0].text


def test_what_the_person_wrote_themself_is_no_news() -> None:
    fresh, known = candidate(0, 1, 0.5, 0.7, AXES[0]), candidate(0, 2, 0.5, 0.75, AXES[1], known=1.0)
    assert [one.passage for one in bridges.ranked([known, fresh], 1)] == [1]


def test_a_mention_is_a_whole_word_outside_a_link() -> None:
    topics = [NamedTopic("Bees", cited("", ""), 3), NamedTopic("Ox", cited("", ""), 9)]
    said = {
        "Bees": [
            (cited("ben", "the bees", "7"), "I saw the bees."),
            (cited("cem", "[[Bees]]", "8"), "See [[Bees]] and beesting."),
        ]
    }
    (found,) = mentions.find(topics, said)
    assert [one.author for one in found.citations] == ["", "ben"]
    assert mentions.speaks_of("the BEES.", "Bees")
    assert not mentions.usable("Ox")


def test_an_old_note_is_brought_up_by_todays_but_not_by_itself() -> None:
    edits = [cited("", "today", "5")]
    found = memories.find(
        edits, [candidate(0, 5, 0.8, 0.8), candidate(0, 6, 0.6, 0.8, AXES[1]), candidate(0, 7, 0.1, 0.3)]
    )
    assert [one.citations[1].note for one in found] == ["6"]


def test_goal_resource_and_limit_come_from_three_people() -> None:
    near = np.array([0.8, 0.6, 0, 0], np.float32)
    goal, resource = (
        RoleSentence(cited("", "I want a concert"), AXES[0]),
        RoleSentence(cited("ben", "I have a hall"), near),
    )
    limit = RoleSentence(cited("cem", "Only before ten"), near)
    (found,) = recombine.find([goal], [resource], [limit])
    assert [one.author for one in found.citations] == ["", "ben", "cem"]
    assert found.text.startswith("You want: “I want a concert” Ben has: ")
    assert recombine.find([goal], [resource], [RoleSentence(cited("ben", "Only before ten"), near)]) == ()
    assert recombine.find([goal], [resource], [RoleSentence(cited("cem", "Only before ten"), AXES[3])]) == ()
    assert (
        recombine.find([RoleSentence(cited("dan", "I want"), AXES[0])], [resource], [limit]) == ()
    )  # none of it is ours


def test_an_offer_that_answers_a_need_is_a_lead_and_three_make_a_circle() -> None:
    def exact(one: str, other: str) -> float:
        return float(one == other)

    def of(wish: NeedsAndOffers, line: str) -> Citation:
        return cited(wish.author, line, wish.note)

    own = [NeedsAndOffers("", "1", ("bread",), ("piano",))]
    others = [
        NeedsAndOffers("ben", "2", ("piano",), ("bikes",)),
        NeedsAndOffers("cem", "3", ("bikes",), ("bread",)),
        NeedsAndOffers("dan", "4", (), ("chess",)),
    ]
    (lead,) = leads.find(own, others, exact, of)
    assert lead.text == "You need “bread”. Cem offers “bread”."
    (circle,) = leads.circles(own, others, exact, of)
    assert [one.quote for one in circle.citations] == ["piano", "bikes", "bread"]
    assert leads.circles(own, others[:1], exact, of) == ()
