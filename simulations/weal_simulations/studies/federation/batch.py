"""What many people contribute to one round, added up: the node's arithmetic (federation/contribution, reward/posterior, reward/axes) over arrays.

One person costs a node some milliseconds, most of them Python's; a study asks thousands of people in dozens of rounds. Here people with about as many choices stand in one padded array.
The numbers are the node's: tests hold the sum against its own code, one person after the other, to 1e-9 of the clip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from weal_node.mind.feature_space import FeatureSpace
from weal_node.reward.axes import RATE, STEPS
from weal_node.reward.posterior import LONGEST_STEP, NEWTON_STEPS
from weal_protocol.contribution import (
    ANSWERS_SHARE,
    FACTORS,
    HEAD_SHARE,
    ITEMS_PART,
    KERNELS_SHARE,
    LIGHT_PART,
    MAP_PART,
    SQUARE_SHARE,
    length,
    units,
)
from weal_protocol.kernels import KERNELS
from weal_protocol.representation import AXES, SHARED
from weal_simulations.worlds.choices import ChoicePerson

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
TOGETHER = 32  # people in one array: few enough for the cache, and to be about equally long
STILL = 1e-10  # a Newton step that moves nobody further is the last


@dataclass(frozen=True, slots=True)
class Group:
    """People side by side, P of them, padded to n choices. number: (P,) their places in the crowd.  item, other, yes: (P, n), see Person.

    there: (P, n), 1 where a choice stands.  single: (P, n), 1 where it is an answer on one item.  said: (P, n), 1 at the first answer of its kind on
    an item, which is the one that counts.  last: (P, n), 1 at the last answer on an item, which is the one that moves its axes.
    """

    number: Rows
    item: Rows
    other: Rows
    yes: Array
    there: Array
    single: Array
    said: Array
    last: Array

    def at(self, rows: Rows) -> "Group":
        """Return these of the people alone."""
        return Group(*(getattr(self, name)[rows] for name in self.__slots__))

    def difference(self, table: Array) -> Array:
        """Return (P, n, ...) of a table's line (items, ...) of each choice's item, less that of the other; whatever, in the padding."""
        found: Array = table[self.item]
        if (self.other >= 0).any():
            paired = self.other >= 0
            found[paired] -= table[self.other[paired]]
        return found


def groups(people: Sequence[ChoicePerson]) -> tuple[Group, ...]:
    """Return everyone, sorted by how many choices they made."""
    order = sorted(range(len(people)), key=lambda number: len(people[number].yes))
    return tuple(
        _group(order[start : start + TOGETHER], people, len(people[order[min(start + TOGETHER, len(order)) - 1]].yes))
        for start in range(0, len(order), TOGETHER)
    )


def _group(numbers: Sequence[int], people: Sequence[ChoicePerson], most: int) -> Group:
    size = (len(numbers), most)
    item, other = np.zeros(size, np.int64), np.full(size, -1)
    yes, there, single, said, last = (np.zeros(size) for _ in range(5))
    for row, number in enumerate(numbers):
        one = people[number]
        n = len(one.yes)
        item[row, :n], other[row, :n], yes[row, :n], there[row, :n] = one.item, one.other, one.yes, 1.0
        single[row, :n] = one.other < 0
        seen: set[tuple[int, bool]] = set()
        for place in np.flatnonzero(one.other < 0):
            kind = (int(one.item[place]), bool(one.yes[place] > 0.5))
            said[row, place] = kind not in seen
            seen.add(kind)
        latest = {int(one.item[place]): int(place) for place in np.flatnonzero(one.other < 0)}
        last[row, list(latest.values())] = 1.0
    return Group(np.array(numbers), item, other, yes, there, single, said, last)


def heads(
    group: Group, phi: Array, bias: Array, mean: Array, covariance: Array, start: Array | None = None
) -> tuple[Array, Array]:
    """Return everyone's mode (P, D) under the prior N(mean, covariance), and the variances (P, D) there; `posterior.newton`, side by side.

    start: (P, D) where to begin, the prior's mean by default. The likelihood is concave, so it decides only how soon they are there.
    """
    precision = np.linalg.inv(covariance)
    precision = (precision + precision.T) / 2
    design, offset = group.difference(phi), group.difference(bias)
    w = np.tile(mean, (len(group.number), 1)) if start is None else start.copy()
    for _ in range(NEWTON_STEPS):
        pull, hessian = _slopes(group, design, offset, w, precision)
        gradient = np.matmul(pull[:, None, :], design)[:, 0] - (w - mean) @ precision
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        size = np.linalg.norm(step, axis=1, keepdims=True)
        w = w + step * np.minimum(1.0, LONGEST_STEP / np.maximum(size, 1e-12))
        if size.max() < STILL:
            break
    _, hessian = _slopes(group, design, offset, w, precision)
    return w, np.diagonal(np.linalg.inv(hessian), axis1=1, axis2=2).copy()


def _slopes(group: Group, design: Array, offset: Array, w: Array, precision: Array) -> tuple[Array, Array]:
    p = _logistic(offset + np.matmul(design, w[..., None])[..., 0])
    bent = p * (1.0 - p) * group.there
    return (group.yes - p) * group.there, np.matmul(design.transpose(0, 2, 1) * bent[:, None, :], design) + precision


def guessed(group: Group, phi: Array, bias: Array, mean: Array, covariance: Array, every: int) -> Array:
    """Return (P,) which share of every `every`-th choice each person's other choices predict right."""
    asked = np.zeros_like(group.there)
    asked[:, ::every] = group.there[:, ::every]
    held = replace(group, there=group.there - asked)
    w, _ = heads(held, phi, bias, mean, covariance)
    score = group.difference(bias) + np.matmul(group.difference(phi), w[..., None])[..., 0]
    right = ((score > 0) == (group.yes > 0.5)) * asked
    found: Array = right.sum(1) / asked.sum(1)
    return found


@dataclass(frozen=True, slots=True)
class GroupReports:
    """Of a group: mean, variance: (P, SHARED) of their heads.  report: (P,) share predicted right, None where none reports."""

    mean: Array
    variance: Array
    report: Array | None = None
    kernels: Array | None = None


def total(
    on: FeatureSpace, layout: str, clip: float, said: Iterator[tuple[Group, Array, GroupReports]], *, answers: bool
) -> Array:
    """Return the sum of contributions, each clipped as at a node. The catalogue is all of the ground's states, sorted by id.

    said: of each group, how many times each person counts (P,), and what they tell. answers: whether they give answers and ask for axes, or heads alone.
    """
    size, scale = len(on.items), units(clip, layout)
    light = clip * (LIGHT_PART if layout == FACTORS else 1.0)
    votes, head, square, report = np.zeros((2, size)), np.zeros(SHARED), np.zeros(SHARED), np.zeros(2)
    kernels = np.zeros(KERNELS)
    of_items, of_map = np.zeros((size, AXES)), np.zeros_like(on.representation.text_map)
    for group, times, told in said:
        head += times @ _within(told.mean * scale.head, light * HEAD_SHARE)
        square += times @ _within((told.mean**2 + told.variance) * scale.square, light * SQUARE_SHARE)
        if told.report is not None:
            report += scale.report * np.array([times.sum(), times @ told.report])
        if told.kernels is not None:
            kernels += times @ _within(told.kernels * scale.kernels, light * KERNELS_SHARE)
        if not answers:
            continue
        one = times[:, None] * _within(group.said * scale.answer, light * ANSWERS_SHARE)
        for row, kind in enumerate((group.yes, 1.0 - group.yes)):
            votes[row] += np.bincount(group.item.ravel(), (one * kind).ravel(), size)
        if layout == FACTORS:
            places, text = moves(on, group, told.mean)
            places = times[:, None, None] * _within(places * scale.items, clip * ITEMS_PART)
            for axis in range(AXES):
                of_items[:, axis] += np.bincount(group.item.ravel(), places[..., axis].ravel(), size)
            of_map += np.tensordot(times, _within(text * scale.text_map, clip * MAP_PART), 1)
    order = np.argsort([state.id for state in on.items])
    flat = [votes[:, order].ravel(), head, square, report, kernels]
    flat += [of_items[order].ravel(), of_map.ravel()] if layout == FACTORS else []
    found = np.concatenate(flat)
    assert len(found) == length(size, layout)
    return found


def moves(on: FeatureSpace, group: Group, mean: Array) -> tuple[Array, Array]:
    """Return what answers ask of their items' axes (P, n, AXES) and of the text map (P, COMPONENTS, AXES); `axes.ask`, side by side.

    A step along the gradient changes a person's scores by -RATE |w|^2 (r + C C' r), with r what is wrong with them: so only r has to be followed.
    """
    phi, components = on.phi[group.item, :SHARED], on.components[group.item]
    weights = mean[:, 1 : 1 + AXES]
    strength = RATE * (weights**2).sum(1)[:, None]
    score = on.bias[group.item] + np.matmul(phi, mean[..., None])[..., 0]
    wrong = np.zeros_like(score)
    for _ in range(STEPS):
        r = (_logistic(score) - group.yes) * group.single
        along = np.matmul(r[:, None, :], components)  # (P, 1, COMPONENTS)
        score = score - strength * (r + np.matmul(components, along.transpose(0, 2, 1))[..., 0])
        wrong += r
    text = np.matmul(components.transpose(0, 2, 1), wrong[..., None])
    places: Array = -(wrong * group.last)[..., None] * weights[:, None, :]
    return places, -text * weights[:, None, :]


def _within(blocks: Array, bound: float) -> Array:
    """Return (P, ...) with each person's block scaled down to this norm, as `contribution` does."""
    size = np.sqrt((blocks.reshape(len(blocks), -1) ** 2).sum(1))
    factor = np.minimum(1.0, bound / np.maximum(size, 1e-300))
    found: Array = blocks * factor.reshape(-1, *[1] * (blocks.ndim - 1))
    return found


def _logistic(z: Array) -> Array:
    found: Array = 1.0 / (1.0 + np.exp(-np.clip(z, -500, 500)))
    return found
