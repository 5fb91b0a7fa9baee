"""Quotas are a sender's own: whoever invites, or sends ahead, as much as they may leaves everybody else theirs. And who a guest may be."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from weal_node import keys as keyring
from weal_node.deals.guests import Visits, admit
from weal_node.deals.reception import MAX_OPEN_INVITATIONS
from weal_node.errors import RefusedError
from weal_node.negotiation import mechanism, space
from weal_node.negotiation.space import Issue, OptionSpace
from weal_node.store import deals, letters, mail
from weal_protocol import envelope, sealing
from weal_protocol.deal import LONGEST_TO_RATIFY_MS
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import MalformedError, UnlawfulMoveError
from weal_protocol.v1 import negotiation_pb2
from weal_simulations.town.relay import NOW, TownRelay
from weal_simulations.town.town import Taste, TownSeat

ISSUES = (Issue("bread", ("0", "1"), 0), Issue("soup", ("0", "1"), 1))
NO_KEY = bytes(32)  # y = 0, of order 4


@pytest.fixture
def seats(tmp_path: Path) -> Iterator[list[TownSeat]]:
    wire = TownRelay()
    made = [TownSeat(name, tmp_path / f"{name}.db", wire, Taste(1.5)) for name in ("ann", "eve", "bob")]
    yield made
    for one in made:
        one.close()


async def invites(sender: TownSeat, receiver: TownSeat) -> None:
    of = OptionSpace((sender.key, receiver.key), "bread for soup", ISSUES)
    body = negotiation_pb2.Invite(
        space=space.write(of),
        mechanism=mechanism.OFFERS,
        expires_ms=NOW + LONGEST_TO_RATIFY_MS,
        ratify_within_ms=LONGEST_TO_RATIFY_MS,
    )
    letter = Envelope(
        secrets.token_bytes(16), sender.key, receiver.key, 1, START, NOW, bytes(16), "invite", body.SerializeToString()
    )
    effect = await receiver.agent.receive(letter)
    assert effect is not None
    assert receiver.database
    await receiver.database.write(effect)


async def test_one_member_has_so_many_invitations_and_everybody_else_their_own(seats: list[TownSeat]) -> None:
    ann, eve, bob = seats
    for _ in range(MAX_OPEN_INVITATIONS):
        await invites(eve, ann)
    with pytest.raises(RefusedError, match="too many invitations of one sender"):
        await invites(eve, ann)
    await invites(bob, ann)
    assert len(await ann.agent.deals()) == MAX_OPEN_INVITATIONS + 1


async def test_letters_that_come_ahead_of_their_deal_are_kept_by_sender(seats: list[TownSeat]) -> None:
    ann, eve, bob = seats

    async def ahead(sender: TownSeat, deal: bytes, number: int) -> None:
        body = negotiation_pb2.Reveal(phase="seed", round=number).SerializeToString()
        letter = Envelope(deal, sender.key, ann.key, 1, START, NOW, bytes(16), "reveal", body)
        effect = await ann.agent.receive(letter)
        assert effect is not None
        assert ann.database
        await ann.database.write(effect)

    for number in range(deals.MAX_DEALS_HELD):
        await ahead(eve, number.to_bytes(16, "big"), 0)
    with pytest.raises(UnlawfulMoveError):
        await ahead(eve, b"m" * 16, 0)
    await ahead(bob, b"m" * 16, 0)
    for number in range(1, deals.MAX_HELD):
        await ahead(bob, b"m" * 16, number)
    with pytest.raises(UnlawfulMoveError):
        await ahead(bob, b"m" * 16, 99)


async def test_a_guest_names_no_members_key_for_agent_or_human_and_no_key_that_is_none(seats: list[TownSeat]) -> None:
    ann, bob = seats[0], seats[2]
    assert ann.database
    members = {bob.key}
    visits = Visits(ann.agent, ann.book, lambda key: key in members)
    guest = await visits.book.by_token(admit(ann.database, "Zoe", NOW))
    assert guest is not None
    fresh = keyring.new()
    good = (fresh.agent_public, fresh.ratification_public)
    for keys in ((bob.key, good[1]), (good[0], bob.key), (ann.key, good[1]), (good[0], ann.key)):
        with pytest.raises(RefusedError, match="belongs to a member"):
            await visits.invite(guest, keys, "bread", ISSUES)
    for keys in ((NO_KEY, good[1]), (good[0], NO_KEY)):
        with pytest.raises(MalformedError, match="that a guest names is no key"):
            await visits.invite(guest, keys, "bread", ISSUES)
    assert visits.book.card(bob.key) is None
    assert await visits.invite(guest, good, "bread", ISSUES)


async def test_a_letter_sealed_to_the_key_of_one_session_is_no_letter_of_another(seats: list[TownSeat]) -> None:
    ann, eve = seats[0], seats[1]
    assert ann.database
    own, other = b"o" * 16, b"p" * 16
    private = X25519PrivateKey.generate()
    pair = (private.public_key().public_bytes_raw(), private.private_bytes_raw())
    await ann.database.write(lambda c: letters.prekey(c, own, ann.key, *pair, NOW + 9))
    letter = Envelope(other, eve.key, ann.key, 1, START, NOW, bytes(16), "invite", b"")
    frame = sealing.seal(envelope.write(letter, eve.keys.agent), pair[0], ann.key, own)
    await ann.letters.take(frame, {"invite": ann.agent.receive})
    assert await ann.database.read(mail.refusals) == {
        "ForgedError: a letter was sealed to the key of another session": 1
    }
