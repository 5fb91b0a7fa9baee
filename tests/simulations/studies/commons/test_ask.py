"""What the study of asking asks was written by hand, can be asked, and is halved so that what was tuned on is not what is reported."""

from weal_node.text.question import read
from weal_simulations.studies.commons.ask import Tried, recall, refusals
from weal_simulations.worlds.asked_notes import AskedQuestion, notes, questions


def test_there_are_enough_notes_and_questions_and_each_right_note_is_there() -> None:
    titles = [note.title for note in notes()]
    assert len(titles) == len(set(titles)) >= 300
    assert all(note.body and note.day for note in notes())
    answerable = [one for one in questions() if one.right]
    assert len(answerable) >= 80
    assert len(questions()) - len(answerable) >= 20
    assert set().union(*(one.right for one in answerable)) <= set(titles)
    assert all(read(one.text).terms for one in questions())


def test_each_kind_is_halved() -> None:
    for kind in {one.kind for one in questions()}:
        tuned = [one.tuning for one in questions() if one.kind == kind]
        assert abs(2 * sum(tuned) - len(tuned)) <= 1


def test_recall_and_refusals_count_what_they_say() -> None:
    right = AskedQuestion("name", frozenset({"A"}), "a?", tuning=False)
    nothing = AskedQuestion("none-far", frozenset(), "n?", tuning=False)
    tried = [
        Tried(right, {"ask": ["B", "A"]}, True, 0.1),
        Tried(right, {"ask": []}, False, 0.1),
        Tried(nothing, {"ask": []}, False, 0.1),
        Tried(AskedQuestion("none-near", frozenset(), "m?", tuning=False), {"ask": ["B"]}, False, 0.1),
    ]
    assert (recall(tried, "ask", 1), recall(tried, "ask", 3)) == (0.0, 0.5)
    *_, every = refusals(tried)
    assert (every["precision"], every["recall"]) == (0.5, 0.5)
