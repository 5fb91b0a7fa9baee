"""One person's contribution to a round: one flat array whose L2 norm never exceeds the clip.

For a catalogue of n items, sorted by id, in layout `light`:

    [ yes (n) | no (n) | head (SHARED) | head squared plus its variance (SHARED) | report (2) | kernels (KERNELS) ]

and in layout `factors`, for communities that learn shared axes, two blocks more:

    [ ... | what the person's answers ask of items' axes (n x AXES) | and of the text map (COMPONENTS x AXES) ]

An answer is one unit in `yes` or `no` (one coordinate an answer: the norm grows with the root of the number of answers).
`report` says (1, share of own answers that were predicted right), or zeros; `kernels` in what shares the answers speak for each kernel of
the residual (kernels.py), or zeros. Each block is clipped to its own share of
the clip, so that a person with many answers does not drown what their head says; the shares' squares sum to one, so the
whole is within the clip. The receiver divides by the same units.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from weal_protocol.errors import MalformedError
from weal_protocol.kernels import KERNELS
from weal_protocol.representation import (
    AXES,
    COMPONENTS,
    FEATURES,
    FEATURES_BEFORE,
    MAX_ITEMS,
    SHARED,
    SHARED_BEFORE,
    Matrix,
    Vector,
)

LIGHT, FACTORS = "light", "factors"
LAYOUTS = (LIGHT, FACTORS)
BEFORE = ""  # features of rounds from before they were told: heads were over the components too
SQUARE_SHARE = math.sqrt(1.0 - 0.96**2 - 0.2**2 - 0.1**2)  # of the light blocks' part of the clip
HEAD_SHARE = 0.2
REPORT_SHARE = 0.1
KERNELS_SHARE = 0.1  # chosen: half a hundredth of what an answer was worth
ANSWERS_BEFORE = 0.96  # in rounds that did not ask for kernels
ANSWERS_SHARE = math.sqrt(ANSWERS_BEFORE**2 - KERNELS_SHARE**2)
LIGHT_PART = 0.6  # of the clip, in layout `factors`
ITEMS_PART = 0.77
MAP_PART = math.sqrt(1.0 - LIGHT_PART**2 - ITEMS_PART**2)
FULL_ANSWERS = 36  # answers that count in full; k > 36 of them count sqrt(36 / k) each
HEAD_NORM = 2.0  # norm of a head that fills its share
SQUARE_NORM = 3.0  # the same of its squares
REPORT_NORM = math.sqrt(2.0)  # of the report: both of its numbers are at most 1
ITEMS_NORM = 2.0  # of what is asked of items' axes
MAP_NORM = 1.0  # of what is asked of the text map


@dataclass(frozen=True, slots=True)
class Units:
    """What one answer, and one unit of each other block, are worth in the flat array."""

    answer: float
    head: float
    square: float
    report: float
    kernels: float
    items: float
    text_map: float


@dataclass(frozen=True, slots=True)
class Blocks:
    """A flat array, or a sum of such, in the blocks' own units. yes, no: (n,) answers.  head, square: (SHARED,).
    report: (2,).  kernels: (KERNELS,), zero in rounds that did not ask.  items: (n, AXES) and text_map: (COMPONENTS, AXES), zero in layout `light`."""

    yes: Vector
    no: Vector
    head: Vector
    square: Vector
    report: Vector
    kernels: Vector
    items: Matrix
    text_map: Matrix


def units(clip: float, layout: str = LIGHT, features: str = FEATURES) -> Units:
    """Return the units for this clip, in a round over these features."""
    light, items, text_map = (LIGHT_PART, ITEMS_PART, MAP_PART) if layout == FACTORS else (1.0, 0.0, 0.0)
    answers = ANSWERS_SHARE if asks_for_kernels(features) else ANSWERS_BEFORE
    return Units(
        clip * light * answers / math.sqrt(FULL_ANSWERS),
        clip * light * HEAD_SHARE / HEAD_NORM,
        clip * light * SQUARE_SHARE / SQUARE_NORM,
        clip * light * REPORT_SHARE / REPORT_NORM,
        clip * light * KERNELS_SHARE,
        clip * items / ITEMS_NORM,
        clip * text_map / MAP_NORM,
    )


def kind(layout: str) -> str:
    """Return the word by which a round's notice asks for contributions in this layout, over the features of this program."""
    return f"{layout}/{FEATURES}"


def layout_of(asked: str) -> str:
    """Return the layout that a notice asks for; MalformedError where it is not known here, or is over other features: an earlier
    program's rounds have names without any."""
    layout, _, features = asked.partition("/")
    if layout not in LAYOUTS:
        raise MalformedError("a round of a kind that is not known here")
    if features != FEATURES:
        raise MalformedError(
            "a round over other features than this program's", "Node and coordinator need the same version of Weal"
        )
    return layout


def length(items: int, layout: str = LIGHT, features: str = FEATURES) -> int:
    """Return how many numbers a contribution to a catalogue of this many items has. features: of the round."""
    light = 2 * items + 2 * _heads_over(features) + 2 + (KERNELS if asks_for_kernels(features) else 0)
    return light + (items + COMPONENTS) * AXES if layout == FACTORS else light


def contribute(
    catalogue: Sequence[str],
    answers: Iterable[tuple[str, int]],
    mean: Vector,
    variance: Vector,
    clip: float,
    *,
    report: float | None = None,
    kernels: Vector | None = None,
    layout: str = LIGHT,
    asked: tuple[Matrix, Matrix] | None = None,
) -> Vector:
    """Return the flat array. answers: (item id, +1 or -1); those on items outside the catalogue are left out.

    mean, variance: (SHARED,) of the person's head.  report: share of own answers predicted right, 0 to 1.
    kernels: (KERNELS,) shares of the residual's kernels.
    asked: of items' axes (n, AXES) and of the text map (COMPONENTS, AXES), in layout `factors`.
    Raises MalformedError for NaN, infinity or a wrong shape.
    """
    if len(catalogue) > MAX_ITEMS or mean.shape != (SHARED,) or variance.shape != (SHARED,):
        raise MalformedError("a contribution's catalogue or head has the wrong size")
    index = {item: row for row, item in enumerate(catalogue)}
    n, scale = len(catalogue), units(clip, layout)
    votes = np.zeros(2 * n)
    for item, vote in answers:
        if (row := index.get(item)) is not None:
            votes[row if vote > 0 else n + row] = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        squares = mean**2 + variance
    of_items, of_map = asked or (np.zeros((n, AXES)), np.zeros((COMPONENTS, AXES)))
    if of_items.shape != (n, AXES) or of_map.shape != (COMPONENTS, AXES):
        raise MalformedError("what a contribution asks of axes has the wrong size")
    told = np.zeros(2) if report is None else np.array([1.0, min(max(report, 0.0), 1.0)])
    spoken = np.zeros(KERNELS) if kernels is None else kernels
    if spoken.shape != (KERNELS,):
        raise MalformedError("what a contribution says of kernels has the wrong size")
    if not all(np.isfinite(one).all() for one in (mean, squares, told, spoken, of_items, of_map)):
        raise MalformedError("a contribution holds NaN or infinity")
    light = clip * (LIGHT_PART if layout == FACTORS else 1.0)
    blocks = [
        _within(votes * scale.answer, light * ANSWERS_SHARE),
        _within(mean * scale.head, light * HEAD_SHARE),
        _within(squares * scale.square, light * SQUARE_SHARE),
        told * scale.report,
        _within(spoken * scale.kernels, light * KERNELS_SHARE),
    ]
    if layout == FACTORS:
        blocks.append(_within(of_items.ravel() * scale.items, clip * ITEMS_PART))
        blocks.append(_within(of_map.ravel() * scale.text_map, clip * MAP_PART))
    return clipped(np.concatenate(blocks), clip)


def blocks(flat: Vector, items: int, layout: str, clip: float, features: str = FEATURES) -> Blocks:
    """Return a contribution, or a sum of them, by its parts and in their own units; MalformedError for a wrong length.

    Of one over other features than this program's, what is by items, and the moments of the shared dimensions."""
    if flat.shape != (length(items, layout, features),):
        raise MalformedError("a contribution has the wrong length")
    scale, over, asked = units(clip, layout, features), _heads_over(features), asks_for_kernels(features)
    ends = np.cumsum([items, items, over, over, 2, KERNELS if asked else 0])
    yes, no, head, square, report, kernels, rest = np.split(flat, ends)
    found = Blocks(
        yes / scale.answer,
        no / scale.answer,
        head[:SHARED] / scale.head,
        square[:SHARED] / scale.square,
        report / scale.report,
        kernels / scale.kernels if asked else np.zeros(KERNELS),
        np.zeros((items, AXES)),
        np.zeros((COMPONENTS, AXES)),
    )
    if layout != FACTORS:
        return found
    of_items, of_map = np.split(rest, [items * AXES])
    found = replace(found, items=of_items.reshape(items, AXES) / scale.items)
    if features not in {FEATURES, FEATURES_BEFORE}:  # of another projection
        return found
    return replace(found, text_map=of_map.reshape(-1, AXES) / scale.text_map)


def asks_for_kernels(features: str) -> bool:
    """Return whether contributions to a round over these features say what their answers ask of the residual's kernels."""
    return features not in {BEFORE, FEATURES_BEFORE}


def _heads_over(features: str) -> int:
    return SHARED_BEFORE if features == BEFORE else SHARED


def clipped(flat: Vector, clip: float) -> Vector:
    """Return the array scaled down so that its L2 norm is at most the clip."""
    return _within(flat, clip)


def _within(block: Vector, bound: float) -> Vector:
    largest = float(np.max(np.abs(block), initial=0.0))
    if largest == 0.0:
        return block
    unit = block / largest  # first, so that no square overflows
    norm = float(np.linalg.norm(unit))
    # A hair below the bound, so that rounding never lifts the norm above it.
    return block if norm * largest <= bound else unit * (bound * (1.0 - 1e-12) / norm)
