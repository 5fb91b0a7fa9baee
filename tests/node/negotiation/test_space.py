"""The space of a deal, in words and over the wire."""

import pytest

from weal_node.negotiation import space
from weal_protocol.errors import MalformedError

PARTIES = (bytes([1]) * 32, bytes([2]) * 32)
SWAP = space.swap(PARTIES, ("piano lessons", "bicycle repair"), ("note",))


def test_each_side_sees_what_it_gives_and_gets() -> None:
    outcome = (2, 1, 0)  # two hours of piano, one of repair
    mine, theirs = (space.state(SWAP, outcome, party) for party in (0, 1))
    assert (
        mine.text == "You give 2 hours of piano lessons; you get 1 hour of bicycle repair; when: on a weekday evening."
    )
    assert (mine.hours_given, mine.hours_received) == (2.0, 1.0) == (theirs.hours_received, theirs.hours_given)


def test_an_option_says_when_and_with_whom() -> None:
    assert space.state(SWAP, (2, 1, 1), 0).when == "on Saturday"
    assert space.state(SWAP, (2, 1, 1), 0).who == (PARTIES[1].hex(),)
    assert space.state(SWAP, (2, 1, 1), 1, ("Ann", "Bob")).who == ("Ann", PARTIES[0].hex())
    assert space.states(SWAP, 1, ("Ann", "Bob"))[4] == space.state(SWAP, space.option(SWAP, 4), 1, ("Ann", "Bob"))
    place = space.OptionSpace(
        PARTIES, "x", (space.Issue("where", ("here",), None), space.Issue("Day", ("Monday",), None))
    )
    assert space.state(place, (0, 0), 0).when == "Monday"


def test_a_space_survives_the_wire() -> None:
    assert space.read(space.write(SWAP)) == SWAP
    assert len(space.states(SWAP, 0)) == SWAP.size == 48


def test_spaces_that_make_no_sense_are_refused() -> None:
    for change in ("parties", "values", "hours", "size"):
        sent = space.write(SWAP)
        if change == "parties":
            del sent.parties[1]
        elif change == "values":
            sent.issues[0].values.append(sent.issues[0].values[0])
        elif change == "hours":
            sent.issues[0].values[0] = "inf"
        else:
            for number in range(5):
                sent.issues.add(name=f"issue {number}", values=[str(value) for value in range(30)])
        with pytest.raises(MalformedError):
            space.read(sent)
