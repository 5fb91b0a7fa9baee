"""A person edits what a deal is about as lines: what they wrote comes back, what makes no sense is named."""

import pytest

from weal_node.negotiation import space, wording
from weal_protocol.errors import MalformedError

PARTIES = (bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32)
CIRCLE = space.circle(PARTIES, ("piano lessons", "repair", "garden work"), ("note",))
NAMES = ("you", "Bob", "Cleo")


def test_lines_come_back_as_they_were() -> None:
    text = wording.lines(CIRCLE, NAMES)
    assert text.splitlines()[:2] == ["piano lessons (you give Bob): 0, 1, 2", "repair (Bob gives Cleo): 0, 1, 2"]
    assert wording.read(text, CIRCLE, NAMES) == CIRCLE


def test_a_person_may_add_and_leave_out() -> None:
    found = wording.read("repair (Bob gives): 0, 0.5, 2\n\nwhere: my place; yours, on the hill", CIRCLE, NAMES)
    assert [(one.name, one.values, one.giver, one.taker) for one in found.issues] == [
        ("repair", ("0", "0.5", "2"), 1, None),
        ("where", ("my place", "yours, on the hill"), None, None),
    ]
    assert (found.parties, found.subject, found.sources) == (CIRCLE.parties, CIRCLE.subject, CIRCLE.sources)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "repair (Dan gives): 1",
        "repair (Bob gives): some",
        "a: 1\na: 2",
        "x: ;",
        "\n".join(f"thing {n}: {', '.join(map(str, range(30)))}" for n in range(4)),
    ],
)
def test_what_makes_no_sense_is_named(text: str) -> None:
    with pytest.raises(MalformedError):
        wording.read(text, CIRCLE, NAMES)


def test_an_outcome_among_several_says_who_gives_what_to_whom() -> None:
    assert wording.outcome(CIRCLE, (2, 1, 0, 1), NAMES) == (
        "You give Bob 2 hours of piano lessons; Bob gives Cleo 1 hour of repair; Cleo gives you nothing; when: on Saturday."
    )
    for_all = wording.read("soup (Cleo gives): 2\ncake (Cleo gives): 0, 1", CIRCLE, NAMES)
    assert wording.outcome(for_all, (0, 1), NAMES) == "Cleo gives everyone 2 hours of soup and 1 hour of cake."


def test_between_two_an_outcome_says_what_the_person_gives_and_gets() -> None:
    swap = space.swap((PARTIES[0], PARTIES[1]), ("piano", "repair"), ())
    assert wording.outcome(swap, (1, 2, 0), ("Bob", "you")) == (
        "You give 2 hours of repair; you get 1 hour of piano; when: on a weekday evening."
    )
