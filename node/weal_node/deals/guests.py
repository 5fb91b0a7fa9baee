"""What an agent from outside the community may do here: a guest. It can invite, offer, accept, ratify, decline, and say what became
of the deal; and look.

Its words become the same messages of the same table as a member's. It is no member: it is known by the token that the person
gave it and by the keys it first named, it bargains by offers alone, and it ratifies before the person is asked to.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from weal_node.deals.deals import Deals
from weal_node.deals.dialogue import VALID_MS
from weal_node.errors import NotFoundError, RefusedError
from weal_node.negotiation import mechanism, space
from weal_node.negotiation.negotiation import Negotiation
from weal_node.negotiation.space import Issue, OptionSpace
from weal_node.store import guests
from weal_node.store.database import Database
from weal_node.store.guests import Guest as Guest  # what this module answers with
from weal_protocol.cards import Member
from weal_protocol.deal import LONGEST_TO_RATIFY_MS, DealState
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import MalformedError
from weal_protocol.public_keys import check_ed25519
from weal_protocol.v1 import negotiation_pb2

MOST_OPEN = 5  # invitations of one guest that wait
MAX_NAME = 80


class GuestBook:
    """Who is let in, by key; also for those who send letters and show names."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = {guest.agent_key: guest for guest in database.read_now(guests.every) if guest.agent_key}

    def card(self, agent_key: bytes) -> Member | None:
        """Return what stands for a guest's member card, None where this key is no guest's."""
        guest = self._known.get(agent_key)
        if guest is None:
            return None
        return Member(agent_key, guest.ratification_key, bytes(32), b"", guest.name, "none", 0)

    async def by_token(self, token: str) -> Guest | None:
        """Return who holds this token."""
        digest = hashlib.sha256(token.encode()).digest()
        return next((guest for guest in await self.all() if guest.token == digest), None)

    async def all(self) -> tuple[Guest, ...]:
        """Return all guests."""
        return await self._database.read(guests.every)

    async def name(self, guest: Guest, agent_key: bytes, ratification_key: bytes) -> Guest:
        """Keep the keys that a guest names; RefusedError where it has named others."""
        if len(agent_key) != 32 or len(ratification_key) != 32 or agent_key == ratification_key:
            raise MalformedError("a guest names two different keys of 32 bytes")
        check_ed25519(agent_key, "the agent's key that a guest names")
        check_ed25519(ratification_key, "the human's key that a guest names")
        done = await self._database.write(lambda c: guests.named(c, guest.token, agent_key, ratification_key))
        if not done:
            raise RefusedError("these are not the keys that this guest has named before")
        known = self._known[agent_key] = replace(guest, agent_key=agent_key, ratification_key=ratification_key)
        return known


def admit(database: Database, name: str, now_ms: int) -> str:
    """Let in a guest of this name; return the token to give them, which is kept nowhere."""
    token = secrets.token_urlsafe(24)
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise RefusedError(f"a guest's name has between 1 and {MAX_NAME} characters")
    digest = hashlib.sha256(token.encode()).digest()
    database.write_now(lambda connection: guests.admit(connection, digest, name, now_ms))
    return token


class Visits:
    """Guests' words into deals, and deals as guests may see them. is_member: whether a key is a member's."""

    def __init__(self, bargaining: Deals, book: GuestBook, is_member: Callable[[bytes], bool]) -> None:
        self.book = book
        self._bargaining = bargaining
        self._own = bargaining.context.own_key
        self.now_ms = bargaining.context.clock
        self._is_member = is_member

    async def invite(self, guest: Guest, keys: tuple[bytes, bytes], subject: str, issues: tuple[Issue, ...]) -> bytes:
        """A guest proposes a deal of two; return its id. issues: the guest is party 0, the person here is 1."""
        if any(self._is_member(key) or key == self._own for key in keys):
            raise RefusedError("this key belongs to a member")
        guest = await self.book.name(guest, *keys)
        open_now = [
            deal for deal, negotiation in await self.deals(guest) if negotiation.deal.state is DealState.INVITED
        ]
        if len(open_now) >= MOST_OPEN:
            raise RefusedError(f"{MOST_OPEN} invitations of this guest wait already")
        options = OptionSpace((guest.agent_key, self._own), subject, issues)
        expires_ms = self.now_ms() + VALID_MS
        within = LONGEST_TO_RATIFY_MS
        body = negotiation_pb2.Invite(
            space=space.write(options), mechanism=mechanism.OFFERS, expires_ms=expires_ms, ratify_within_ms=within
        )
        deal = secrets.token_bytes(16)
        await self.say(guest, deal, "invite", body.SerializeToString(deterministic=True))
        return deal

    async def say(self, guest: Guest, deal: bytes, kind: str, body: bytes) -> None:
        """Take a message of a deal from a guest, as if it had come in a letter; a PeerError names what is wrong with it."""
        letter = Envelope(deal, guest.agent_key, self._own, 1, START, self.now_ms(), bytes(16), kind, body)
        effect = await self._bargaining.receive(letter)
        if effect is not None:
            await self._bargaining.context.database.write(effect)

    async def deal(self, guest: Guest, deal: bytes) -> Negotiation:
        """Return the negotiation of a guest's deal; NotFoundError for another's."""
        known = dict(await self.deals(guest))
        if deal not in known:
            raise NotFoundError("there is no such deal")
        return known[deal]

    async def deals(self, guest: Guest) -> tuple[tuple[bytes, Negotiation], ...]:
        """Return the deals of one guest, newest first."""
        return await self._bargaining.negotiations_with(guest.agent_key) if guest.agent_key else ()


def issues(given: object) -> tuple[Issue, ...]:
    """Return issues as a guest writes them: [{"name", "values": [...], "giver": "guest", "person" or absent}]."""
    if not isinstance(given, list) or not 0 < len(given) <= space.MAX_ISSUES:
        raise MalformedError("issues are a list")
    return tuple(_issue(written) for written in given)


def _issue(written: object) -> Issue:
    if not isinstance(written, Mapping) or not isinstance(written.get("values"), list):
        raise MalformedError("an issue has a name and values")
    name, values, by = written.get("name", ""), written["values"], written.get("giver")
    if by not in ("guest", "person", None):
        raise MalformedError("what is given is by the guest, by the person, or by no one")
    if not isinstance(name, str) or not all(isinstance(value, str | int | float) for value in values):
        raise MalformedError("the name of an issue is a text, its values are texts or numbers")
    giver = None if by is None else int(by == "person")
    return Issue(name, tuple(str(value) for value in values), giver)
