"""One exchange of a deal: all are bound, then all open; what an opening must look like, and what everyone knows after the last one."""

import hashlib
import math
from dataclasses import dataclass, replace

from weal_node.negotiation import ballots, masked, mechanism, seed, shortlist
from weal_node.negotiation.transcript import Values
from weal_node.negotiation.utility import IMPORTANCE_BITS
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import negotiation_pb2

Public = shortlist.Shortlist | masked.Sums  # what everyone knows, once the seed is open


@dataclass(frozen=True, slots=True)
class Phase:
    """One exchange, by party: commitments (empty before they came, and for the last party) and what was opened."""

    committed: tuple[bytes, ...]
    opened: tuple[Values | None, ...]

    def bound(self, party: int, commitment: bytes) -> "Phase":
        """Return it with a party's commitment."""
        if len(commitment) != 32:
            raise MalformedError("a commitment is 32 bytes long")
        return replace(self, committed=(*self.committed[:party], commitment, *self.committed[party + 1 :]))

    def with_opened(self, party: int, values: Values) -> "Phase":
        """Return it with what a party opened."""
        return replace(self, opened=(*self.opened[:party], values, *self.opened[party + 1 :]))

    def all_opened(self) -> tuple[Values, ...] | None:
        """Return everyone's values; None while one is missing."""
        values = tuple(opened for opened in self.opened if opened is not None)
        return values if len(values) == len(self.opened) else None


def check_values(
    by: negotiation_pb2.Mechanism, sizes: Values, asked: Values, menu: Values, reveal: negotiation_pb2.Reveal
) -> None:
    """Raise MalformedError unless an opening has the number and range of values that its exchange asks for. asked: the
    candidates of the round that is open."""
    values, hidden = tuple(reveal.values), by.name == mechanism.MASKED
    count, limit = {
        "keys": (32, 256),
        "seed": (sum(sizes), masked.MODULUS)
        if hidden
        else (len(sizes) + sum(sizes), 2 ** max(by.seed_bits, IMPORTANCE_BITS)),
        "score": (len(asked) * (2 if hidden else 1), masked.MODULUS if hidden else 2**by.score_bits),
        "menu": (len(menu), len(menu) + 1),
    }[reveal.phase]
    if len(values) != count or max(values, default=0) >= limit:
        raise MalformedError(f"values of the exchange {reveal.phase!r} have the wrong number or range")
    if reveal.phase == "score" and reveal.candidates_sha256 != fingerprint(asked):
        raise MalformedError("the sides have computed different candidates", "Do all run the same version?")
    if reveal.phase == "menu" and not ballots.is_ballot(values):
        raise MalformedError("a ranking gives a place to two options, or leaves one out")


def learnt(
    public: Public | None,
    by: negotiation_pb2.Mechanism,
    sizes: Values,
    nonces: tuple[bytes, ...],
    phase: str,
    opened: tuple[Values, ...],
) -> Public | None:
    """Return what everyone knows once an exchange is complete. nonces: of the seed, by party.  opened: values, by party."""
    if phase == "score" and public:
        return public.after(opened)
    if phase != "seed":
        return public
    drawn, plan = seed.joint(nonces), (by.rounds, by.candidates)
    if by.name == mechanism.MASKED:
        return masked.open_with(opened, sizes, by.seed_bits, plan, drawn)
    return shortlist.open_with(opened, sizes, (by.seed_bits, by.score_bits), plan, drawn)


def bits(by: negotiation_pb2.Mechanism, sizes: Values, phase: str, values: Values) -> float:
    """Return how many bits about its own utilities a party disclosed by opening these values, at most."""
    if phase == "menu":
        return math.log2(ballots.count(len(values)))
    disclosed = {"seed": by.seed_bits, "score": by.score_bits}.get(phase, 0) * len(values)
    if phase == "seed" and values and by.name == mechanism.SEED_SHORTLIST:
        disclosed += (IMPORTANCE_BITS - by.seed_bits) * len(sizes)
    return float(disclosed)


def disclosed(by: negotiation_pb2.Mechanism, sizes: Values, phases: tuple[Phase, ...], party: int) -> float:
    """Return how many bits about its own utilities a party has disclosed in all exchanges so far, at most."""
    total = 0.0
    for phase, (name, _) in zip(phases, mechanism.steps(by), strict=False):
        total += bits(by, sizes, name, phase.opened[party] or ())
    return total


def fingerprint(candidates: Values) -> bytes:
    """Return the SHA-256 of a list of outcomes."""
    return hashlib.sha256(",".join(map(str, candidates)).encode()).digest()
