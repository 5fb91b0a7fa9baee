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
    (found,) = chains.plan(chains.wishes(CIRCLE))
    assert [link.gift for link in found.links] in (
        ["piano", "repair", "bread"],
        ["repair", "bread", "piano"],
        ["bread", "piano", "repair"],
    )


def test_only_the_newest_public_version_counts() -> None:
    assert chains.plan(chains.wishes((*CIRCLE, note(0, "nothing", "piano", at=2)))) == ()
    assert chains.plan(chains.wishes((*CIRCLE[:2], note(2, "repair", "bread", visibility="community")))) == ()


def test_after_a_no_another_is_proposed() -> None:
    wishes = chains.wishes((*CIRCLE, note(3, "piano", "bread")))  # the first and the last could simply swap
    (swap,) = chains.plan(wishes)
    assert len(swap.links) in (2, 3)
    (other,) = chains.plan(wishes, refused=[swap.id])
    assert other.id != swap.id
    assert chains.plan(wishes, agreed=[other.id]) == (other,)


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
    "body", [b"", b"---\nneeds: [a\n---\n", b"---\n- 1\n---\n", b"---\nneeds: 3\noffers: {a: b}\n---\n"]
)
def test_what_cannot_be_read_is_left_out(body: bytes) -> None:
    odd = record.make("note", body, author=KEYS[3], salt=bytes(16), written_ms=1, note=bytes(16))
    assert len(chains.wishes((*CIRCLE, odd))) == 3
