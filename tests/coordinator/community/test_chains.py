"""Chains of help from public notes: the same words, the newest version, nobody in two, and planned anew after a no."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_coordinator.community import chains
from weal_protocol import record
from weal_protocol.record import Record

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32) for number in range(4)]


def note(member: int, need: str, offer: str, at: int = 1, visibility: str = "public") -> Record:
    body = f"---\nneeds: [{need}]\noffers:\n  - {offer}\n---\nHello.\n".encode()
    return record.make(
        "note",
        body,
        author=KEYS[member],
        salt=bytes(16),
        written_ms=at,
        note=bytes([member]) * 16,
        visibility=visibility,
    )


CIRCLE = (note(0, "Bread", "piano"), note(1, "piano", "repair"), note(2, "repair", "bread"))


def test_three_public_notes_make_a_chain() -> None:
    (found,) = chains.plan(CIRCLE)
    assert [link.gift for link in found.links] in (
        ["piano", "repair", "bread"],
        ["repair", "bread", "piano"],
        ["bread", "piano", "repair"],
    )


def test_only_the_newest_public_version_counts() -> None:
    assert chains.plan((*CIRCLE, note(0, "nothing", "piano", at=2))) == ()
    assert chains.plan((*CIRCLE[:2], note(2, "repair", "bread", visibility="community"))) == ()


def answer(member: int, chain: bytes, word: bytes) -> Record:
    return record.make(
        "answer", word, author=KEYS[member], salt=bytes(16), written_ms=2, note=chain, visibility="community"
    )


def test_after_a_no_that_a_member_told_another_is_proposed() -> None:
    notes = (*CIRCLE, note(3, "piano", "bread"))  # the first and the last could simply swap
    (chain,) = chains.plan(notes)
    assert len(chain.links) == 3
    assert chains.plan((*notes, answer(3, chain.id, b"no"))) == (chain,)  # not theirs to refuse
    (swap,) = chains.plan((*notes, answer(1, chain.id, b"no")))
    assert len(swap.links) == 2
    assert chains.plan((*notes, *(answer(who, chain.id, b"no") for who in (0, 2)))) == (swap,)


def test_a_chain_stands_when_all_its_members_say_so() -> None:
    (chain,) = chains.plan(CIRCLE)
    words = [answer(who, chain.id, b"yes") for who in range(3)]
    (still,) = chains.plan((*CIRCLE, *words[:2], answer(3, chain.id, b"yes")))
    (stands,) = chains.plan((*CIRCLE, *words))
    assert (still.stands, stands.stands) == (False, True)
    assert not chains.plan((*CIRCLE, *words, answer(0, chain.id, b"no")))


def test_an_answer_that_was_taken_back_is_none() -> None:
    (chain,) = chains.plan(CIRCLE)
    bare = record.read(record.redacted(answer(0, chain.id, b"no").raw), bodiless=True)
    assert chains.answers([bare]) == ()
    assert chains.plan((*CIRCLE, bare)) == (chain,)


def test_what_a_member_chose_to_tell_weighs_a_chain() -> None:
    (told,) = chains.wishes([_keen("3")])
    assert told.keen == 3
    for odd in ("9", "[1]", "yes", "{a: b}"):
        (silent,) = chains.wishes([_keen(odd)])
        assert silent.keen == 0


def _keen(step: str) -> Record:
    body = f"---\nneeds: [bread]\noffers: [piano]\nkeen: {step}\n---\n".encode()
    return record.make("note", body, author=KEYS[0], salt=bytes(16), written_ms=1, note=bytes(16), visibility="public")


@pytest.mark.parametrize(
    "body", [b"", b"---\nneeds: [a\n---\n", b"---\n- 1\n---\n", b"---\nneeds: {3: 4}\noffers: {a: b}\n---\n"]
)
def test_what_cannot_be_read_is_left_out(body: bytes) -> None:
    odd = record.make("note", body, author=KEYS[3], salt=bytes(16), written_ms=1, note=bytes(16))
    assert len(chains.wishes((*CIRCLE, odd))) == 3
