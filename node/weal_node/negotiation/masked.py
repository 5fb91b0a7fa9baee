"""Masked sums: what to score next when only the sum over all parties is ever known.

Each pair of parties adds and subtracts the same pseudorandom numbers (Bonawitz et al. 2017, without dropouts: all must
speak in turn anyway), so a single party's values look like noise, and their sum is exact. Told are shares of single
issues, then logarithms of gains, whose sum is the logarithm of the product of gains, and how many would say no.
With two parties the sum gives the other away: this is for three or more. Constants: tuned by `bargaining` on seeds 101 to 104
(simulations/LOG.md, 2026-11-25, Negotiation: deals of many, strangers, liars, chains).
"""

import hashlib
import math
import struct
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from weal_node.negotiation import shortlist, utility
from weal_node.negotiation.ballots import GRID
from weal_node.negotiation.opponent_model import JITTER, Array
from weal_node.negotiation.seed import normals
from weal_node.negotiation.transcript import Values
from weal_protocol.errors import MalformedError

MODULUS = 1 << 16
STEPS = 3  # of a logarithm's quantisation, an octave
LEVELS = 15  # of a logarithm: from 1/32 of the best gain up
STEEPNESS = 2.5  # believed range of the sum of logarithms, for each unit of the summed shares
DOUBT = 0.35  # sd of one value's part of that sum, before any score
TOLD_SD = 0.1  # of one party's quantised logarithm


def key(secret: bytes) -> X25519PrivateKey:
    """Return this deal's key for masks."""
    return X25519PrivateKey.from_private_bytes(hashlib.sha256(b"weal/1/mask-key\0" + secret).digest())


def mask(values: Values, own: int, secret: bytes, publics: tuple[Values, ...], phase: str, number: int) -> Values:
    """Return values that look random but sum, over all parties, to what the plain ones do (modulo 2^16)."""
    masked, private = np.array(values, np.int64), key(secret)
    for party, public in enumerate(publics):
        if party == own:
            continue
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(bytes(public)))
        except ValueError as fault:
            raise MalformedError("a key for masks is none") from fault
        ends = struct.pack(">II", min(own, party), max(own, party))
        stream = hashlib.shake_256(b"weal/1/mask\0" + shared + ends + f"{phase}/{number}".encode())
        noise = np.frombuffer(stream.digest(2 * len(values)), ">u2").astype(np.int64)
        masked += noise if own < party else -noise
    return tuple(map(int, masked % MODULUS))


def unmask(masked: tuple[Values, ...]) -> Values:
    """Return the sums over all parties."""
    return tuple(map(int, np.array(masked, np.int64).sum(0) % MODULUS))


def coarse(parts: list[Array], bits: int) -> Values:
    """Return every value of every issue in shares of the whole range, on 2^bits levels."""
    whole = sum(map(float, map(np.ptp, parts))) or 1.0
    levels = 2**bits - 1
    steps = list[int]()
    for part in parts:
        steps += np.rint((part - part.min()) / whole * levels).astype(np.int64).tolist()
    return tuple(steps)


def score(utilities: Array, candidates: Values, reservation: float = 0.0) -> Values:
    """Return the quantised logarithm of each candidate's gain, then for each whether this party would say no to it."""
    shares = utility.shares(utilities, candidates, reservation)
    logs, noes = list[int](), list[int]()
    for share in shares:
        octaves = LEVELS + STEPS * math.log2(share) if share else 0.0
        logs.append(min(max(round(octaves), 0), LEVELS))
        noes.append(int(share == 0))
    return (*logs, *noes)


@dataclass(frozen=True, slots=True)
class Sums:
    """What all know: a belief about the summed logarithms, their sums and refusals by outcome, and what to score now."""

    sizes: Values
    parties: int
    count: int
    left: int
    seed: bytes
    prior: Array  # (f,)
    scores: dict[int, tuple[float, int]]
    asked: Values = ()

    def after(self, scores: tuple[Values, ...]) -> "Sums":
        """Return the knowledge after a round. scores: masked, by party."""
        sums, known = unmask(scores), dict(self.scores)
        for number, outcome in enumerate(self.asked):
            octaves = (sums[number] - LEVELS * self.parties) / STEPS
            known[outcome] = (octaves * math.log(2), sums[len(self.asked) + number])
        return replace(self, left=self.left - 1, scores=known).asking()

    def asking(self) -> "Sums":
        """Return it with the candidates of the round that is open."""
        return replace(self, asked=self._candidates() if self.left else ())

    def menu(self, count: int) -> Values:
        """Return the best outcomes by the product of gains to which nobody said no."""
        fine = [outcome for outcome, (_, noes) in self.scores.items() if not noes]
        return tuple(sorted(fine, key=lambda outcome: (-round(self.scores[outcome][0] / GRID), outcome))[:count])

    def gains(self, outcome: int) -> tuple[float, ...]:
        """Return everyone's gain of a scored outcome: all that is known is their geometric mean."""
        return (math.exp(self.scores[outcome][0] / self.parties),) * self.parties

    def belief(self) -> tuple[Array, Array]:
        """Return mean (f,) and covariance (f, f) of what each value adds to the summed logarithms (Gaussian regression)."""
        free = np.eye(len(self.prior)) * DOUBT**2
        if not self.scores:
            return self.prior, free
        rows = np.zeros((len(self.scores), len(self.prior)))
        for number, outcome in enumerate(self.scores):
            rows[number, shortlist.places(outcome, self.sizes)] = 1.0
        seen = np.array([value - min(noes, 1) for value, noes in self.scores.values()])
        surprise = seen - rows @ self.prior
        surprise -= surprise.mean()
        across = free @ rows.T
        inner = rows @ across + np.eye(len(seen)) * TOLD_SD**2 * self.parties
        gain = np.linalg.solve(inner, across.T).T
        return self.prior + gain @ surprise, free - gain @ across.T

    def _candidates(self) -> Values:
        chosen: list[int] = []
        mean, covariance = self.belief()
        root = np.linalg.cholesky((covariance + covariance.T) / 2 + JITTER * np.eye(len(mean)))
        for turn in range(min(self.count, math.prod(self.sizes) - len(self.scores))):
            parts = mean + root @ normals(self.seed, f"{self.left}/{turn}", len(mean)) if turn else mean
            value = shortlist.over_all(parts, self.sizes)
            value[[*self.scores, *chosen]] = -np.inf
            chosen.append(int(np.round(value / GRID).argmax()))
        return tuple(chosen)


def open_with(masked: tuple[Values, ...], sizes: Values, bits: int, plan: tuple[int, int], seed: bytes) -> Sums:
    """Return the knowledge after the seed. masked: values, by party.  bits: of a seed's value.  plan: rounds, candidates."""
    prior: npt.NDArray[np.float64] = np.array(unmask(masked), np.float64) / (2**bits - 1) * STEEPNESS
    return Sums(sizes, len(masked), plan[1], plan[0], seed, prior, {}).asking()
