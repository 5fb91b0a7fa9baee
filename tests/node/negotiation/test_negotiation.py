"""Two sides replay one transcript: they always agree, never below no deal, and no one can change what they were bound to."""

import os
from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.negotiation import mechanism, space, speak
from weal_node.negotiation.negotiation import Negotiation, OwnSide, Statement
from weal_node.negotiation.replay import replay
from weal_protocol import signing
from weal_protocol.deal import DealState
from weal_protocol.errors import ForgedError, MalformedError, PeerError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

KEYS = [Ed25519PrivateKey.generate() for _ in range(2)]
SPACE = space.swap(
    (KEYS[0].public_key().public_bytes_raw(), KEYS[1].public_key().public_bytes_raw()), ("piano", "repair"), ("a", "b")
)
OUTCOMES = space.outcomes(SPACE)
EXPIRES = 10**13


def person(party: int, utilities: np.ndarray) -> OwnSide:
    key = KEYS[party]
    return OwnSide(party, utilities, os.urandom(32), lambda digest: signing.sign(key, "terms-agent", digest))


def people(seed: int) -> tuple[OwnSide, OwnSide]:
    generator = np.random.default_rng(seed)
    found = []
    for party in (0, 1):
        given, got, when = OUTCOMES[:, party], OUTCOMES[:, 1 - party], OUTCOMES[:, 2]
        worth, cost = generator.uniform(0.3, 2.2), generator.uniform(0.1, 0.9)
        found.append(person(party, worth * np.log1p(got) - cost * given + generator.normal(0, 0.3, 3)[when]))
    return found[0], found[1]


def ranked(own: OwnSide, negotiation: Negotiation) -> OwnSide:
    menu = negotiation.menu()
    order = sorted(range(len(menu)), key=lambda place: -own.utilities[menu[place]])
    return replace(own, places=tuple(order.index(place) for place in range(len(menu))))


def bargain(first: OwnSide, second: OwnSide) -> tuple[Negotiation, OwnSide, OwnSide]:
    negotiation = replay((speak.invite(first, SPACE, EXPIRES, mechanism.ADDITIVE),))
    while True:
        said = speak.after(negotiation, first) or speak.after(negotiation, second)
        if said is not None:
            negotiation = negotiation.after(said)
        elif negotiation.deal.state is DealState.MENU and first.places is None:
            first, second = ranked(first, negotiation), ranked(second, negotiation)
        else:
            return negotiation, first, second


@pytest.mark.slow
@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_both_sides_agree_and_nobody_is_worse_off_than_without_a_deal(seed: int) -> None:
    negotiation, first, second = bargain(*people(seed))
    again = replay(negotiation.said)
    assert again.chosen() == negotiation.chosen()
    if negotiation.deal.state is DealState.NO_DEAL:
        assert negotiation.menu() == ()
        return
    assert negotiation.deal.state is DealState.AGREED
    assert again.terms() == negotiation.terms()
    for outcome in negotiation.menu():
        assert min(first.utilities[outcome], second.utilities[outcome]) > 0


def test_a_bargain_takes_twelve_messages_and_the_bits_are_counted() -> None:
    negotiation, *_ = bargain(*people(1))
    assert len(negotiation.said) == 12
    assert negotiation.bits_disclosed(0) == negotiation.bits_disclosed(1)
    assert 0 < negotiation.bits_disclosed(0) <= mechanism.most_bits(mechanism.ADDITIVE, SPACE)


def test_where_nothing_is_better_than_no_deal_there_is_none() -> None:
    negotiation, *_ = bargain(person(0, np.full(SPACE.size, -1.0)), person(1, np.linspace(-1, 1, SPACE.size)))
    assert negotiation.deal.state is DealState.NO_DEAL
    assert negotiation.menu() == ()


def test_the_first_cannot_open_other_values_than_it_was_bound_to() -> None:
    first, second = people(2)
    negotiation = replay((speak.invite(first, SPACE, EXPIRES, mechanism.ADDITIVE),))
    answer = speak.after(negotiation, second)
    assert answer is not None
    negotiation = negotiation.after(answer)
    said = speak.after(negotiation, first)
    assert said is not None
    changed = negotiation_pb2.Reveal.FromString(said.body)
    changed.values[0] = (changed.values[0] + 1) % 4
    with pytest.raises(ForgedError):
        negotiation.after(Statement(0, "reveal", changed.SerializeToString()))


def test_turns_are_kept() -> None:
    first, second = people(3)
    invited = replay((speak.invite(first, SPACE, EXPIRES, mechanism.ADDITIVE),))
    answer = speak.after(invited, second)
    assert answer is not None
    with pytest.raises(UnlawfulMoveError):
        invited.after(replace(answer, party=0))
    with pytest.raises(UnlawfulMoveError):
        invited.after(answer).after(answer)
    with pytest.raises(UnlawfulMoveError):
        Negotiation().after(answer)
    with pytest.raises(UnlawfulMoveError):
        invited.after(speak.invite(first, SPACE, EXPIRES))


def test_candidates_that_differ_between_the_sides_are_noticed() -> None:
    first, second = people(4)
    negotiation = replay((speak.invite(first, SPACE, EXPIRES, mechanism.ADDITIVE),))
    for side in (second, first):
        said = speak.after(negotiation, side)
        assert said is not None
        negotiation = negotiation.after(said)
    said = speak.after(negotiation, second)
    assert said is not None
    reveal = negotiation_pb2.Reveal.FromString(said.body)
    reveal.candidates_sha256 = bytes(32)
    with pytest.raises(MalformedError, match="different candidates"):
        negotiation.after(Statement(1, "reveal", reveal.SerializeToString()))


@given(
    st.sampled_from(["invite", "reveal", "ratify", "cancel", "outcome", "decline", "round"]),
    st.binary(max_size=200),
    st.integers(0, 3),
)
@settings(max_examples=examples(150), deadline=None)
def test_any_bytes_are_a_move_or_a_named_fault(kind: str, body: bytes, party: int) -> None:
    negotiation = replay((speak.invite(people(5)[0], SPACE, EXPIRES, mechanism.ADDITIVE),))
    try:
        assert len(negotiation.after(Statement(party, kind, body)).said) == 2
    except PeerError:
        return
