"""One exchange of a deal: all are bound, then all open; what an opening must look like, and what everyone knows after the last one."""

import hashlib
import math
from dataclasses import dataclass, replace

from weal_node.negotiation import masked, mechanism, seed, shortlist
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
        values = tuple(one for one in self.opened if one is not None)
        return values if len(values) == len(self.opened) else None


def check_values(
    of: negotiation_pb2.Mechanism, sizes: Values, asked: Values, menu: Values, reveal: negotiation_pb2.Reveal
) -> None:
    """Raise MalformedError unless an opening has the number and range of values that its exchange asks for. asked: the
    candidates of the round that is open."""
    values, hidden = tuple(reveal.values), of.name == mechanism.MASKED
    count, limit = {
        "keys": (32, 256),
        "seed": (sum(sizes), masked.MODULUS)
        if hidden
        else (len(sizes) + sum(sizes), 2 ** max(of.seed_bits, IMPORTANCE_BITS)),
        "score": (len(asked) * (2 if hidden else 1), masked.MODULUS if hidden else 2**of.score_bits),
        "menu": (len(menu), len(menu) + 1),
    }[reveal.phase]
    if len(values) != count or max(values, default=0) >= limit:
        raise MalformedError(f"values of the exchange {reveal.phase!r} have the wrong number or range")
    if reveal.phase == "score" and reveal.candidates_sha256 != fingerprint(asked):
        raise MalformedError("the sides have computed different candidates", "Do all run the same version?")
    if reveal.phase == "menu" and not shortlist.is_ballot(values):
        raise MalformedError("a ranking gives a place to two options, or leaves one out")


def learnt(
    public: Public | None,
    of: negotiation_pb2.Mechanism,
    sizes: Values,
    nonces: tuple[bytes, ...],
    phase: str,
    told: tuple[Values, ...],
) -> Public | None:
    """Return what everyone knows once an exchange is complete. nonces: of the seed, by party.  told: values, by party."""
    if phase == "score" and public:
        return public.after(told)
    if phase != "seed":
        return public
    drawn, plan = seed.joint(nonces), (of.rounds, of.candidates)
    if of.name == mechanism.MASKED:
        return masked.open_with(told, sizes, of.seed_bits, plan, drawn)
    return shortlist.open_with(told, sizes, (of.seed_bits, of.score_bits), plan, drawn)


def bits(of: negotiation_pb2.Mechanism, sizes: Values, phase: str, values: Values) -> float:
    """Return how many bits about its own utilities a party told by opening these values, at most."""
    if phase == "menu":
        return math.log2(shortlist.ballots(len(values)))
    told = {"seed": of.seed_bits, "score": of.score_bits}.get(phase, 0) * len(values)
    if phase == "seed" and values and of.name == mechanism.SEED_SHORTLIST:
        told += (IMPORTANCE_BITS - of.seed_bits) * len(sizes)
    return float(told)


def told(of: negotiation_pb2.Mechanism, sizes: Values, phases: tuple[Phase, ...], party: int) -> float:
    """Return how many bits about its own utilities a party has told in all exchanges so far, at most."""
    steps = mechanism.steps(of)
    return sum(
        bits(of, sizes, name, phase.opened[party] or ()) for phase, (name, _) in zip(phases, steps, strict=False)
    )


def fingerprint(candidates: Values) -> bytes:
    """Return the SHA-256 of a list of outcomes."""
    return hashlib.sha256(",".join(map(str, candidates)).encode()).digest()
