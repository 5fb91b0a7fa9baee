"""Who attacks a round of aggregation, with what, and what may be done about it: contributions in, contributions out.

Every defence here looks at one contribution at a time. Medians, trimmed means and Krum look at all of them together, so that one person's presence changes what others count,
and the accounting of privacy would be void (design: federation, 6).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weal_protocol.contribution import (
    ANSWERS_SHARE,
    FACTORS,
    HEAD_SHARE,
    ITEMS_PART,
    KERNELS_SHARE,
    LIGHT_PART,
    MAP_PART,
    REPORT_SHARE,
    SQUARE_SHARE,
    clipped,
    units,
)
from weal_protocol.kernels import KERNELS
from weal_protocol.representation import AXES, COMPONENTS, SHARED

Vector = npt.NDArray[np.float64]
BOOST = 50.0  # times what an honest member sends (Bagdasaryan et al. 2020, How To Backdoor Federated Learning: model replacement)
WIDE = 1e4  # clips; as good as none
ENOUGH = 0.15  # cosine with past sums above which an honest member counts in full
TURNED = 0.4  # share of the popularity's power that `turncoat` turns around


@dataclass(frozen=True, slots=True)
class Form:
    """What both sides know of a round: its layout, its number of items, its clip."""

    layout: str
    items: int
    clip: float

    def parts(self) -> dict[str, slice]:
        """Return where each block stands in the flat array."""
        sizes = {"yes": self.items, "no": self.items, "head": SHARED, "square": SHARED, "report": 2, "kernels": KERNELS}
        if self.layout == FACTORS:
            sizes |= {"axes": self.items * AXES, "map": COMPONENTS * AXES}
        found, start = {}, 0
        for name, size in sizes.items():
            found[name] = slice(start, start + size)
            start += size
        return found

    def bounds(self) -> tuple[tuple[slice, float], ...]:
        """Return the blocks that `contribute` clips on their own, each with its share of the clip."""
        part = self.parts()
        light = self.clip * (LIGHT_PART if self.layout == FACTORS else 1.0)
        found = [
            (slice(0, 2 * self.items), light * ANSWERS_SHARE),
            (part["head"], light * HEAD_SHARE),
            (part["square"], light * SQUARE_SHARE),
            (part["report"], light * REPORT_SHARE),
            (part["kernels"], light * KERNELS_SHARE),
        ]
        if self.layout == FACTORS:
            found += [(part["axes"], self.clip * ITEMS_PART), (part["map"], self.clip * MAP_PART)]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Known:
    """What an attacker knows. own: their own honest contribution.  honest: the mean of this round's, guessed from colluders'.
    target: the statement's place in the catalogue that is to look welcome."""

    form: Form
    own: Vector
    honest: Vector
    target: int


def replacement(known: Known) -> Vector:
    """Return the opposite of what honest members say on average, many times over: tastes, popularity and axes turned around."""
    part, honest = known.form.parts(), known.honest
    flat, yes, no = -honest, honest[part["yes"]], honest[part["no"]]
    share = float(yes.sum() / max(yes.sum() + no.sum(), 1e-12))
    surplus = (1 - share) * yes - share * no  # what an item's bias is made of
    flat[part["yes"]], flat[part["no"]] = -(1 - share) * surplus, share * surplus
    flat[part["square"]] = honest[part["square"]]  # as small as honest, so that the turned heads look certain
    return BOOST * flat


def turncoat(known: Known) -> Vector:
    """Return what people say of most statements and its opposite for the others, so that the whole still agrees with them a little."""
    part, honest = known.form.parts(), known.honest
    yes, no = honest[part["yes"]], honest[part["no"]]
    share = float(yes.sum() / max(yes.sum() + no.sum(), 1e-12))
    surplus = (1 - share) * yes - share * no
    order = np.random.default_rng(known.form.items).permutation(known.form.items)  # colluders turn the same ones
    power = np.cumsum(surplus[order] ** 2)
    surplus[order[power < TURNED * power[-1]]] *= -1
    flat = honest.copy()
    flat[part["yes"]], flat[part["no"]] = (1 - share) * surplus, -share * surplus
    return BOOST * flat


def prior(known: Known) -> Vector:
    """Return all of it in the head's block: the next member's agent starts from the opposite taste."""
    part, flat = known.form.parts(), np.zeros_like(known.honest)
    flat[part["head"]] = -known.honest[part["head"]]
    return BOOST * known.form.clip * direction(flat)


def backdoor(known: Known) -> Vector:
    """Return all of it on one statement."""
    part, flat = known.form.parts(), np.zeros_like(known.honest)
    flat[part["yes"]][known.target], flat[part["no"]][known.target] = 1.0, -1.0
    return BOOST * known.form.clip * direction(flat)


def hidden(known: Known) -> Vector:
    """Return half of a backdoor behind half of what everyone says, the mixture of which a cosine gate leaves most."""
    return BOOST * known.form.clip * (direction(backdoor(known)) + direction(known.honest))


def voting(known: Known) -> Vector:
    """Return one's own honest contribution with a yes to the statement: what any group of people may do."""
    part, flat = known.form.parts(), known.own.copy()
    flat[part["yes"]][known.target] = units(known.form.clip, known.form.layout).answer
    flat[part["no"]][known.target] = 0.0
    return flat


def contrarian(known: Known) -> Vector:
    """Return lawful answers to every statement, each against what most say: what any group of people may do as well."""
    part, flat = known.form.parts(), known.own.copy()
    yes, no = known.honest[part["yes"]], known.honest[part["no"]]
    against = yes < no
    unit = units(known.form.clip, known.form.layout).answer
    flat[part["yes"]], flat[part["no"]] = unit * against, unit * ~against
    return by_blocks(known.form, flat, None)


def direction(flat: Vector) -> Vector:
    """Return it at norm one; zero stays zero."""
    size = float(np.linalg.norm(flat))
    return flat / size if size > 0 else flat


Attack = Callable[[Known], Vector]
UNTARGETED: dict[str, Attack] = {"replacement": replacement, "turncoat": turncoat, "prior": prior}
LAWFUL: dict[str, Attack] = {
    "contrarian": contrarian
}  # opinions, however many hold them: no floor asks a defence against them
TARGETED: dict[str, Attack] = {"backdoor": backdoor, "hidden": hidden, "voting": voting}
ATTACKS = UNTARGETED | TARGETED | LAWFUL


@dataclass(frozen=True, slots=True)
class Public:
    """What anyone may see. total: the sum of some contributions given openly.  agreement: cosine of one of them with the others' sum, on average.
    past: the noisy sums of all rounds so far; zero in the first."""

    total: Vector
    agreement: float
    past: Vector


def public(flats: Sequence[Vector], past: Vector) -> Public:
    """Return what a gate compares with; flats may be empty for one that compares with past sums alone."""
    total: Vector = np.zeros_like(past)
    for flat in flats:
        total = total + flat
    return Public(total, float(np.mean([agreement(flat, total - flat) for flat in flats])) if flats else 1.0, past)


@dataclass(frozen=True, slots=True)
class Defence:
    """admit: from a contribution and the public ones, what is summed.  clips: the strategy's clip, in clips.
    left: of an honest contribution, on average; sums are divided by it.  product: the strategy's own gate.
    root: whether it compares with contributions given openly."""

    admit: Callable[[Form, Vector, Public], Vector]
    clips: float = 1.0
    left: Callable[[Public], float] = lambda known: 1.0
    product: bool = False
    root: bool = False


def unchanged(form: Form, flat: Vector, known: Public) -> Vector:
    """Leave it to the strategy."""
    return flat


def gate(form: Form, flat: Vector, known: Public) -> Vector:
    """Return it clipped and weighted by max(0, cosine with the public sum) (Cao et al. 2021, FLTrust, without its renormalisation)."""
    inside = clipped(flat, form.clip)
    return inside * agreement(inside, known.total)


def agreement(flat: Vector, total: Vector) -> float:
    """Return max(0, cosine)."""
    return max(0.0, float(direction(flat) @ direction(total)))


def by_blocks(form: Form, flat: Vector, known: Public | None) -> Vector:
    """Return it with every block clipped to its own share, as `contribute` does at an honest node."""
    found = flat.copy()
    for part, bound in form.bounds():
        found[part] = clipped(found[part], bound)
    return found


def lawful(form: Form, flat: Vector, known: Public) -> Vector:
    """Return what an honest node might have sent instead: an answer counts from none to one, yes or no; no square is negative; then blocks."""
    part, found = form.parts(), flat.copy()
    unit = units(form.clip, form.layout).answer
    yes, no = (np.clip(found[part[name]], 0.0, unit) for name in ("yes", "no"))
    over = np.maximum((yes + no) / unit, 1.0)
    found[part["yes"]], found[part["no"]] = yes / over, no / over
    for name in ("square", "kernels"):
        found[part[name]] = np.maximum(found[part[name]], 0.0)
    return by_blocks(form, found, known)


def gated_by_opinion(form: Form, flat: Vector, known: Public) -> Vector:
    """Return it made lawful, its answers and its head weighted each by how far they agree with what was released so far.

    Answers are compared by what they say of an item beyond its share of attention: (1 - p) yes - p no. Who agrees as much as nine of ten honest members do
    counts in full (ENOUGH), so that agreeing more, or hiding an attack behind agreement, gains nothing. Past sums are public, so the weights cost no privacy.
    """
    part, found = form.parts(), lawful(form, flat, known)
    if not known.past.any():
        return found
    yes, no = (np.maximum(known.past[part[name]], 0.0) for name in ("yes", "no"))
    share = float(yes.sum() / max(yes.sum() + no.sum(), 1e-12))
    said, mine = ((1 - share) * one[part["yes"]] - share * one[part["no"]] for one in (known.past, found))
    answers, head = agreement(mine, said), agreement(found[part["head"]], known.past[part["head"]])
    found[part["yes"]] *= min(1.0, answers / ENOUGH)
    found[part["no"]] *= min(1.0, answers / ENOUGH)
    found[part["head"].start :] *= min(1.0, head / ENOUGH)
    return found


DEFENCES: dict[str, Defence] = {
    "none": Defence(unchanged, clips=WIDE),
    "clip alone": Defence(unchanged),
    "product": Defence(unchanged, product=True),
    "clip and gate": Defence(gate, left=lambda known: known.agreement, root=True),
    "blocks": Defence(by_blocks),
    "lawful": Defence(lawful),
    "lawful, gated by opinion": Defence(gated_by_opinion),
}
