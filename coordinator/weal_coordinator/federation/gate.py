"""The gate: what one contribution may count, after the clip, by what an honest node could have sent. Opinions play no part in it.

The public root that a contribution is compared with is the layout itself (decisions/0005). An answer is a yes or a no: it adds to one of them and takes
from neither. So the whole is weighted by the cosine, in the 1-norm and over the statements it speaks of, of its answers with the root "answers add",

    f = max(0, sum(answers) / sum(|answers|)),   1 where there are none,

and then cut to the bounds that an honest node keeps: an answer counts from nothing to one, each block within its share. What an honest node sends passes
unchanged. Both are functions of this contribution and of public rules alone, and never lengthen it: the sensitivity stays the clip, whatever the others send.

A contribution of tier `local` is noise for the most part, and negative half of the time: it is only cut to what such noise looks like.
"""

import math

import numpy as np

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
from weal_protocol.representation import AXES, COMPONENTS, SHARED, Vector

HAIR = 1e-9  # relative, for the rounding of an honest node
PEAK = 5.0  # standard deviations of one number of a contribution of tier `local`
BAND = 4.0  # of a block's norm


def gated(flat: Vector, items: int, layout: str, clip: float, local: bool = False) -> Vector:
    """Return what counts of a contribution that is within the clip; see weal_protocol.contribution for the layout."""
    parts = blocks(items, layout, clip)
    found = flat.copy()
    if local:
        return _like_noise(found, parts, clip)
    answers = found[: 2 * items]
    found *= agreement(answers)
    unit = units(clip, layout).answer * (1.0 + HAIR)
    yes, no = np.clip(found[:items], 0.0, unit), np.clip(found[items : 2 * items], 0.0, unit)
    over = np.maximum((yes + no) / unit, 1.0)
    found[:items], found[items : 2 * items] = yes / over, no / over
    square, kernels = parts[2][0], parts[4][0]
    found[square] = np.maximum(found[square], 0.0)
    found[kernels] = _shares(found[kernels], units(clip, layout).kernels * (1.0 + HAIR))
    for part, bound in parts:
        found[part] = clipped(found[part], bound * (1.0 + HAIR))
    return clipped(found, clip)


def _shares(of_kernels: Vector, whole: float) -> Vector:
    """Return what is spoken for each kernel with nothing negative and no more in all than one person has to give."""
    kept = np.maximum(of_kernels, 0.0)
    shortened: Vector = kept / max(float(kept.sum()) / whole, 1.0)
    return shortened


def agreement(answers: Vector) -> float:
    """Return f: 0 for answers that take as much as they add, 1 for those that only add, and for none."""
    mass = float(np.abs(answers).sum())
    return max(0.0, float(answers.sum()) / mass) if mass > 0.0 else 1.0


def blocks(items: int, layout: str, clip: float) -> tuple[tuple[slice, float], ...]:
    """Return the blocks of a contribution, in order, each with the norm that an honest node keeps: answers, head, squares, report, kernels,
    and in layout `factors` items' axes and the text map."""
    light = clip * (LIGHT_PART if layout == FACTORS else 1.0)
    sizes = [
        (2 * items, light * ANSWERS_SHARE),
        (SHARED, light * HEAD_SHARE),
        (SHARED, light * SQUARE_SHARE),
        (2, light * REPORT_SHARE),
        (KERNELS, light * KERNELS_SHARE),
    ]
    if layout == FACTORS:
        sizes += [(items * AXES, clip * ITEMS_PART), (COMPONENTS * AXES, clip * MAP_PART)]
    found, start = [], 0
    for size, bound in sizes:
        found.append((slice(start, start + size), bound))
        start += size
    return tuple(found)


def _like_noise(flat: Vector, parts: tuple[tuple[slice, float], ...], clip: float) -> Vector:
    """Return it with no number and no block larger than in a random direction of norm `clip`."""
    peak = PEAK * clip / math.sqrt(len(flat))
    found = np.clip(flat, -peak, peak)
    for part, _ in parts:
        size = part.stop - part.start
        band = math.sqrt(size / len(flat)) * (1.0 + BAND / math.sqrt(2.0 * max(size, 1)))
        found[part] = clipped(found[part], band * clip)
    return clipped(found, clip)


def ungated(flat: Vector, items: int, layout: str, clip: float, local: bool = False) -> Vector:
    """Return it as it is: the strategy without its gate, for studies that ask what the gate is worth."""
    return flat
