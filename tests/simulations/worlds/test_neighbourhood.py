"""What is planted can be found: every question, goal, resource and limit is read as one, and lookalikes are no answers."""

import random

from weal_node.proposals.sentences import goals, limits, questions, resources, sentences
from weal_simulations.worlds.lines import Lines
from weal_simulations.worlds.neighbourhood import PLAIN, SERVICES, TOPICS, TRIOS
from weal_simulations.worlds.planted_questions import lookalike_named, named, paraphrased, plain


def test_every_question_is_read_as_one_and_every_answer_can_be_quoted() -> None:
    for question, answer, lookalike in TOPICS:
        assert questions(question) == (question,)
        assert sentences(answer)
        assert len({answer, lookalike}) == 2
    assert len({number for number, _ in PLAIN}) == len(PLAIN)


def test_every_trio_is_read_in_its_roles() -> None:
    for goal, resource, limit in TRIOS:
        assert goals(goal) == (goal,)
        assert resources(resource) == (resource,)
        assert limits(limit) == (limit,)


def test_a_named_thing_shares_its_name_with_its_answer_alone() -> None:
    draw = random.Random(1)
    for one in named(draw, 5):
        name = one.answer.split(" it was")[0].removeprefix("With a ")
        assert name in one.question
        assert not any(name in lookalike_named(draw) for _ in range(30))
    assert {one.kind for one in (*paraphrased(draw, 5), *plain(draw, 5))} == {"paraphrase", "plain"}


def test_bm25_among_lines_is_most_for_the_line_itself() -> None:
    lines = Lines([line for service in SERVICES for line in service])
    for need, _, _ in SERVICES:
        assert lines.likeness(need, need) == 1.0
    assert lines.likeness("bicycle repair", "a bicycle") > lines.likeness("bicycle repair", "mending bikes") == 0.0
