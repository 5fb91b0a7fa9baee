"""Bargains by the nodes' own session objects and the real envelopes; only the socket is in memory.

Every party has its own session and takes what it reads from signed envelopes; people rank what their models made of the
deal by what they truly gain, say no to what is worse than no deal, and ratify with keys of their own.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.negotiation import speak
from weal_node.negotiation.negotiation import Negotiation, OwnSide, Statement
from weal_node.negotiation.space import Issue, OptionSpace
from weal_protocol import deal, envelope, signing
from weal_protocol.deal import DealState
from weal_protocol.envelope import Envelope, HashChain
from weal_protocol.v1 import negotiation_pb2

Array = npt.NDArray[np.float64]
EXPIRES_MS = 10**13
Rank = Callable[[int, tuple[int, ...]], tuple[int, ...]]  # a party and the menu, to its ballot
Say = Callable[[Negotiation, OwnSide], Statement | None]  # what an agent says; one that lies says something else


@dataclass(frozen=True, slots=True)
class Bargain:
    """How a bargain went. outcome: agreed and ratified by all, or None.  messages: up to terms.  bits: told by all, at most.
    session: as the first party saw it at the end of the agents' part."""

    outcome: int | None
    messages: int
    bits: float
    session: Negotiation


@cache
def keys(party: int, kind: str) -> Ed25519PrivateKey:
    """Return a party's key; the same in every bargain, so that making keys takes no time."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"{kind}/{party}".encode()).digest())


def public(party: int, kind: str) -> bytes:
    """Return the public half."""
    return keys(party, kind).public_key().public_bytes_raw()


def space_of(sizes: tuple[int, ...], parties: int) -> OptionSpace:
    """Return a domain's space: its issues are given by nobody."""
    issues = (Issue(f"issue {n}", tuple(str(value) for value in range(size)), None) for n, size in enumerate(sizes))
    return OptionSpace(tuple(public(party, "agent") for party in range(parties)), "a domain", tuple(issues))


def by_truth(gains: Array) -> Rank:
    """Return ballots of people who know their gains (n, parties) and refuse what is no gain."""

    def rank(party: int, menu: tuple[int, ...]) -> tuple[int, ...]:
        mine = gains[list(menu), party]
        order = [int(number) for number in np.argsort(-mine, kind="stable") if mine[number] > 0]
        return tuple(order.index(number) if number in order else len(menu) for number in range(len(menu)))

    return rank


class MemoryWire:
    """The socket in memory: signs, carries to everyone else, reads and checks the chains of envelopes."""

    def __init__(self, parties: int, session: bytes) -> None:
        self.parties = parties
        self._session = session
        self._chains: dict[tuple[int, int, bool], HashChain] = {}

    def carry(self, said: Statement) -> list[Statement]:
        """Return what each other party has read."""
        heard = []
        for other in range(self.parties):
            if other == said.party:
                continue
            sent, got = (self._chains.get((said.party, other, end), HashChain()) for end in (True, False))
            agents = public(said.party, "agent"), public(other, "agent")
            token = hashlib.sha256(f"{said.party}/{other}/{sent.seq}".encode()).digest()[:16]
            letter = Envelope(self._session, *agents, sent.seq + 1, sent.head, EXPIRES_MS, token, said.kind, said.body)
            read, digest = envelope.read(envelope.write(letter, keys(said.party, "agent")), 0)
            self._chains[said.party, other, True] = HashChain(letter.seq, digest)
            self._chains[said.party, other, False] = got.check(read, digest)
            heard.append(Statement(said.party, read.kind, read.body))
        return heard


def own(party: int, gains: Array, seed: int, floor: float = 0.0) -> OwnSide:
    """Return what one side knows. gains: (n,), as its model sees them."""
    secret = hashlib.sha256(f"{seed}/{party}".encode()).digest()
    return OwnSide(
        party, gains, secret, lambda digest: signing.sign(keys(party, "agent"), "terms-agent", digest), None, floor
    )


def bargain(
    sizes: tuple[int, ...],
    people: list[OwnSide],
    rank: Rank,
    by: negotiation_pb2.Mechanism,
    seed: int,
    say: dict[int, Say] | None = None,
) -> Bargain:
    """Run a bargain to its end. say: for parties that do not say what an honest agent would."""
    parties = len(people)
    wire, views, people = (
        MemoryWire(parties, hashlib.sha256(bytes([seed % 256])).digest()[:16]),
        [Negotiation()] * parties,
        [*people],
    )

    def hear(said: Statement) -> None:
        views[said.party] = views[said.party].after(said)
        others = [party for party in range(parties) if party != said.party]
        for party, heard in zip(others, wire.carry(said), strict=True):
            views[party] = views[party].after(heard)

    hear(speak.invite(people[0], space_of(sizes, parties), EXPIRES_MS, by))
    while (turn := views[0].deal.turn) is not None:
        said = (say or {}).get(turn, speak.after)(views[turn], people[turn])
        if said is None:
            people[turn] = replace(people[turn], places=rank(turn, views[turn].menu()))
        else:
            hear(said)
    messages, bits = len(views[0].said), sum(views[0].bits_disclosed(party) for party in range(parties))
    done = Bargain(None, messages, bits, views[0])
    if views[0].deal.state is not DealState.AGREED:
        return done
    terms = {view.terms() for view in views}
    outcome = views[0].chosen()
    digest = deal.terms_hash(terms.pop())
    if terms or outcome is None:
        raise AssertionError("the parties have agreed on different terms")
    for party in range(parties):
        if rank(party, (outcome,)) != (0,):
            return done  # a person does not ratify what is worse for them than no deal
        hear(Statement(party, "ratify", _ratify(party, digest, people[party])))
    agreement = views[-1].agreement()
    if agreement is None:
        raise AssertionError("all have ratified and nothing binds")
    deal.check_effective(
        agreement, [public(p, "agent") for p in range(parties)], [public(p, "human") for p in range(parties)]
    )
    return replace(done, outcome=outcome)


def _ratify(party: int, digest: bytes, of: OwnSide) -> bytes:
    word = signing.sign(keys(party, "human"), "terms-human", deal.ratification(digest, 1))
    ratify = negotiation_pb2.Ratify(terms_sha256=digest, signature=word, ratified_ms=1)
    ratify.signed.CopyFrom(negotiation_pb2.Sign(terms_sha256=digest, signature=of.sign(digest)))
    return ratify.SerializeToString(deterministic=True)
