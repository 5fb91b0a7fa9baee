"""The life of a deal: only the table's moves, and binding only with every signature in time."""

import random
from copy import deepcopy

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import notary, signing
from weal_protocol.deal import (
    IN_FORCE,
    LONGEST_TO_RATIFY_MS,
    MOVES,
    ONCE,
    Deal,
    DealState,
    Move,
    Who,
    agreement_hash,
    check_effective,
    check_together,
    ratification,
    ratify_by,
    terms_hash,
)
from weal_protocol.errors import ForgedError, MalformedError, PeerError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2

moves = st.tuples(st.sampled_from(Move), st.integers(0, 3))


def allowed(deal: Deal, move: Move, party: int) -> bool:
    """Whether the table lets this party say this now; written apart from the code under test."""
    if move not in MOVES[deal.state] or party >= deal.parties:
        return False
    who, waiting = MOVES[deal.state][move][0], range(1 + deal.spoken, deal.parties - 1)
    waits = any(one is Who.BETWEEN for one, _ in MOVES[deal.state].values())
    turn = {
        Who.ANY: True,
        Who.OTHERS: party != 0,
        Who.BETWEEN: list(waiting)[:1] == [party],
        Who.FIRST: party == 0 and not (waits and waiting),
        Who.LAST: party == deal.parties - 1 and not (waits and waiting),
        Who.NEXT: bool(deal.moves) and party == (deal.moves[-1][0] + 1) % deal.parties,
    }[who]
    given = {Move.CANCEL: Move.RATIFY, Move.DISPUTE: Move.FULFIL}.get(move)
    return turn and not (move in ONCE and (party, move) in deal.moves) and (party, given) not in deal.moves


@given(st.integers(2, 4), st.lists(moves, max_size=40))
def test_only_the_tables_moves_change_a_deal(parties: int, said: list[tuple[Move, int]]) -> None:
    deal = Deal(parties)
    for move, party in said:
        if allowed(deal, move, party):
            after = deal.after(move, party)
            partly = after.state is DealState.HALF_RATIFIED and move is Move.RATIFY
            partly = partly or (after.state in IN_FORCE and move in {Move.FULFIL, Move.DISPUTE})
            assert after.state is MOVES[deal.state][move][1] or partly
            assert after.moves == (*deal.moves, (party, move))
            deal = after
        else:
            with pytest.raises(UnlawfulMoveError):
                deal.after(move, party)


@given(st.integers(2, 4), st.data())
def test_a_lawful_life_binds_only_through_all_ratifications(parties: int, data: st.DataObject) -> None:
    deal = Deal(parties)
    for _ in range(60):
        choices = [(m, p) for m in Move for p in range(parties) if allowed(deal, m, p)]
        if not choices:
            break
        turns = {p for m, p in choices if MOVES[deal.state][m][0] not in {Who.ANY, Who.OTHERS}}
        assert turns <= {deal.turn}
        quiet = [
            one for one in choices if one[0] not in {Move.CANCEL, Move.DECLINE, Move.GIVE_UP, Move.OPEN_MENU_NO_DEAL}
        ]
        deal = deal.after(*data.draw(st.sampled_from(quiet or choices)))
    if deal.state in IN_FORCE:
        assert {party for party, move in deal.moves if move is Move.RATIFY} == set(range(parties))
        ended = [move for _, move in deal.moves]
        assert not {Move.CANCEL, Move.DECLINE} & set(ended)
        agreed = Move.OPEN_MENU if Move.OPEN_MENU in ended else Move.LAST_ACCEPT
        assert ended.index(agreed) < ended.index(Move.RATIFY)


def test_every_state_stands_in_the_table_and_ends_say_nothing_more() -> None:
    assert set(MOVES) == set(DealState)
    for over in (DealState.DECLINED, DealState.CANCELLED, DealState.NO_DEAL):
        assert Deal(state=over).over
        assert not MOVES[over]


def test_nothing_takes_a_ratified_deal_back() -> None:
    for state in IN_FORCE:
        assert set(MOVES[state]) <= {Move.FULFIL, Move.DISPUTE, Move.OUTCOME}
        assert {after for _, after in MOVES[state].values()} <= IN_FORCE
    deal = Deal(state=DealState.RATIFIED).after(Move.OUTCOME, 0)
    with pytest.raises(UnlawfulMoveError, match="already"):
        deal.after(Move.OUTCOME, 0)
    assert deal.after(Move.OUTCOME, 1).state is DealState.RATIFIED


def test_who_has_ratified_or_given_a_receipt_keeps_their_word() -> None:
    half = Deal(2, DealState.AGREED).after(Move.RATIFY, 0)
    with pytest.raises(UnlawfulMoveError, match="given its word"):
        half.after(Move.CANCEL, 0)
    assert half.after(Move.CANCEL, 1).state is DealState.CANCELLED
    held = Deal(2, DealState.RATIFIED).after(Move.FULFIL, 0)
    with pytest.raises(UnlawfulMoveError, match="given its word"):
        held.after(Move.DISPUTE, 0)
    disputed = held.after(Move.DISPUTE, 1)
    assert disputed.state is DealState.DISPUTED
    assert disputed.after(Move.FULFIL, 1).state is DealState.FULFILLED


def test_one_party_cannot_ratify_twice_and_three_need_three() -> None:
    half = Deal(3, DealState.AGREED).after(Move.RATIFY, 2)
    with pytest.raises(UnlawfulMoveError, match="already"):
        half.after(Move.RATIFY, 2)
    assert half.after(Move.RATIFY, 0).state is DealState.HALF_RATIFIED
    assert half.after(Move.RATIFY, 0).after(Move.RATIFY, 1).state is DealState.RATIFIED


AGENTS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
HUMANS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (3, 4)]
EXPIRES = 10_000


def public(keys: list[Ed25519PrivateKey]) -> list[bytes]:
    return [key.public_key().public_bytes_raw() for key in keys]


def agreement(at: tuple[int, int] = (5_000, 6_000), within_ms: int = 0) -> negotiation_pb2.Agreement:
    space = negotiation_pb2.DealSpace(parties=public(AGENTS), subject="piano lessons for bicycle repair")
    terms = negotiation_pb2.Terms(
        space=space, option=[1], expires_ms=EXPIRES, ratify_within_ms=within_ms
    ).SerializeToString(deterministic=True)
    digest = terms_hash(terms)
    return negotiation_pb2.Agreement(
        terms=terms,
        signed=[
            negotiation_pb2.Sign(terms_sha256=digest, signature=signing.sign(key, "terms-agent", digest))
            for key in AGENTS
        ],
        ratified=[
            negotiation_pb2.Ratify(
                terms_sha256=digest,
                signature=signing.sign(key, "terms-human", ratification(digest, when)),
                ratified_ms=when,
            )
            for key, when in zip(HUMANS, at, strict=True)
        ],
    )


def effective(made: negotiation_pb2.Agreement) -> bytes:
    return check_effective(made, public(AGENTS), public(HUMANS))


def test_an_agreement_with_all_signatures_in_time_binds() -> None:
    made = agreement()
    assert effective(made) == agreement_hash(made)


@given(st.integers(-2, EXPIRES + 2), st.integers(-2, EXPIRES + 2))
def test_ratified_in_time_or_not_binding(first: int, second: int) -> None:
    if min(first, second) < 0:
        return  # a negative time cannot even be signed
    made = agreement((first, second))
    if 0 < first <= EXPIRES and 0 < second <= EXPIRES:
        effective(made)
    else:
        with pytest.raises(UnlawfulMoveError, match="expired"):
            effective(made)


@given(st.integers(1, EXPIRES), st.integers(1, EXPIRES), st.integers(1, EXPIRES))
def test_ratified_too_long_after_the_first_is_not_binding(first: int, second: int, within_ms: int) -> None:
    made = agreement((first, second), within_ms)
    if abs(first - second) <= within_ms:
        effective(made)
    else:
        with pytest.raises(UnlawfulMoveError, match="too long after the first"):
            effective(made)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=5), st.integers(1, 100), st.randoms())
def test_whatever_order_ratifications_are_heard_in_all_count_or_not_all_do(
    times: list[int], within_ms: int, draw: random.Random
) -> None:
    def all_count() -> bool:
        heard: list[negotiation_pb2.Ratify] = []
        for when in draw.sample(times, len(times)):
            one = negotiation_pb2.Ratify(
                ratified_ms=7, stamp=negotiation_pb2.Stamp(logged_ms=when)
            )  # its own date says nothing
            try:
                check_together([*heard, one], within_ms)
            except UnlawfulMoveError:
                continue
            heard.append(one)
            assert when <= ratify_by(heard, within_ms, 1_000)
        return len(heard) == len(times)

    assert all_count() == all_count() == (max(times) - min(times) <= within_ms)


def test_the_time_to_ratify_ends_with_the_deal_at_the_latest() -> None:
    first = negotiation_pb2.Ratify(ratified_ms=500)
    assert ratify_by([], 100, 1_000) == 1_000
    assert ratify_by([first], 100, 1_000) == 600
    assert ratify_by([first], 600, 1_000) == 1_000
    assert ratify_by([first], 0, 1_000) == 1_000
    assert not notary.has_closed([], 1_000)
    assert not notary.has_closed([500, 900], 500 + LONGEST_TO_RATIFY_MS)
    assert notary.has_closed([900, 500], 501 + LONGEST_TO_RATIFY_MS)


@pytest.mark.parametrize("part", ["signed", "ratified"])
@pytest.mark.parametrize("party", [0, 1])
def test_without_one_signature_nothing_binds(part: str, party: int) -> None:
    made = agreement()
    del getattr(made, part)[party]
    with pytest.raises(UnlawfulMoveError, match="lacks"):
        effective(made)


@pytest.mark.parametrize("part", ["signed", "ratified"])
@pytest.mark.parametrize("party", [0, 1])
@given(place=st.integers(0, 63))
def test_a_changed_signature_does_not_bind(part: str, party: int, place: int) -> None:
    made = agreement()
    one = getattr(made, part)[party]
    wrong = bytearray(one.signature)
    wrong[place] ^= 1
    one.signature = bytes(wrong)
    with pytest.raises(ForgedError):
        effective(made)


def test_other_terms_do_not_bind() -> None:
    made, terms = agreement(), negotiation_pb2.Terms.FromString(agreement().terms)
    terms.option[0] = 2
    made.terms = terms.SerializeToString(deterministic=True)
    with pytest.raises(UnlawfulMoveError, match="other terms"):
        effective(made)


def test_an_agents_key_cannot_stand_in_for_a_humans() -> None:
    made = agreement()
    for agent, one in zip(AGENTS, made.ratified, strict=True):
        one.signature = signing.sign(agent, "terms-human", ratification(one.terms_sha256, one.ratified_ms))
    with pytest.raises(ForgedError, match="terms-human"):
        effective(made)


def test_other_parties_than_those_named_do_not_bind() -> None:
    with pytest.raises(UnlawfulMoveError):
        check_effective(agreement(), public(AGENTS)[::-1], public(HUMANS)[::-1])


@given(st.binary(max_size=100))
def test_any_bytes_as_terms_are_a_named_fault(terms: bytes) -> None:
    made = agreement()
    made.terms = terms
    with pytest.raises(PeerError):
        effective(made)


def test_terms_that_cannot_be_read_are_malformed() -> None:
    made = agreement()
    made.terms = b"\xff"
    with pytest.raises(MalformedError):
        effective(made)


def test_both_sides_name_an_agreement_alike() -> None:
    assert agreement_hash(agreement()) == agreement_hash(deepcopy(agreement()))
    assert agreement_hash(agreement()) != agreement_hash(agreement((5_000, 6_001)))
