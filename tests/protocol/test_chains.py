"""Everyone who plans finds the same chains under the same names, and plans them anew around what their members told."""

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import chains, lineage, record
from weal_protocol.barter import MemberWish
from weal_protocol.chains import CycleAnswer
from weal_protocol.errors import MalformedError

A, B, C, D, E = (
    MemberWish("a", "1", ("bread",), ("piano",)),
    MemberWish("b", "2", ("piano",), ("repair",)),
    MemberWish("c", "3", ("repair",), ("bread", "garden")),
    MemberWish("d", "4", ("garden",), ("songs",)),
    MemberWish("e", "5", ("songs",), ("repair",)),
)
TOWN = (A, B, C, D, E)  # a-b-c, or c-d-e


@pytest.mark.slow
def test_the_order_in_which_wishes_came_changes_nothing() -> None:
    several = (*TOWN, MemberWish("c", "0", (), ("bread",)), MemberWish("b", "7", ("piano",), ()))
    plans = {chains.plan(order) for order in itertools.permutations(several, 7)}
    assert len(plans) == 1


def test_a_chain_has_one_name_from_whoever_it_begins_with_and_another_the_other_way_round() -> None:
    ends = [("b", "2"), ("c", "3"), ("a", "1")]
    assert len({chains.chain_id([*ends[n:], *ends[:n]]) for n in range(3)}) == 1
    assert chains.chain_id(ends) != chains.chain_id(ends[::-1])
    assert len(chains.chain_id(ends)) == 16


def test_a_need_in_one_note_and_an_offer_in_another_make_a_chain() -> None:
    apart = (MemberWish("a", "1", ("bread",), ()), MemberWish("a", "6", (), ("piano",)), B, C)
    (found,) = chains.plan(apart)
    assert {link.giver.note for link in found.links} == {"6", "2", "3"}


def test_around_a_no_the_rest_is_planned_anew() -> None:
    (first,) = chains.plan(TOWN)
    (other,) = chains.plan(TOWN, [CycleAnswer("c", first.id, False)])
    assert {link.giver.member for one in (first, other) for link in one.links} == set("abcde")
    assert chains.plan(TOWN, [CycleAnswer("c", one.id, False) for one in (first, other)]) == ()


def test_a_pair_is_proposed_to_those_whom_no_chain_takes() -> None:
    town = (*TOWN, MemberWish("f", "8", ("songs",), ("garden",)))
    (first,) = chains.plan(town)
    found = chains.plan(town, shortest=2)
    assert found[0] == first or found[1] == first
    assert sorted(len(one.links) for one in found) == [2, 3]


@pytest.mark.parametrize("word", [b"", b"perhaps", b"NO", b"yes\n"])
def test_an_answer_says_yes_or_no_and_follows_nothing(word: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"a")
    given = {"author": key, "salt": bytes(16), "written_ms": 1, "note": bytes(16), "visibility": "community"}
    good = record.make("answer", b"no", **given)  # type: ignore[arg-type]  # the arguments of make
    lineage.check(good, {})
    with pytest.raises(MalformedError, match="yes or no"):
        record.make("answer", word, **given)  # type: ignore[arg-type]
    follows = record.make("answer", b"no", parents=(good.id,), **given)  # type: ignore[arg-type]
    with pytest.raises(MalformedError, match="follows nothing"):
        lineage.check(follows, {good.id: lineage.Kin("answer", good.author, good.note)})
