"""What every study returns: rows of measures with intervals over people, and floors that the measures are held against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Cell = float | int | str
Interval = tuple[float, float, float]  # value, low, high
Row = dict[str, Cell]
Progress = Callable[[float, str], None]  # share done, 0 to 1, and what is being done
Z95 = 1.959963984540054
DRAWS = 1_000  # of a bootstrap


@dataclass(frozen=True, slots=True)
class Floor:
    """A promise of the design, and what was measured. at_least: whether more is better.  lacking: where it was not
    measured, that it was not and what to do about it; such a floor is not met."""

    name: str
    value: float
    floor: float
    at_least: bool
    lacking: str = ""

    @property
    def met(self) -> bool:
        """Whether the promise holds; what could not be measured (NaN), or was not, does not."""
        return not self.lacking and bool(self.value >= self.floor if self.at_least else self.value <= self.floor)

    def as_json(self) -> dict[str, object]:
        """Return the object that `--json` prints; `lacking` stands in it only where it was not measured."""
        value = float(self.value) if np.isfinite(self.value) else None
        found: dict[str, object] = {"name": self.name, "value": value, "floor": self.floor, "met": self.met}
        return {**found, "lacking": self.lacking} if self.lacking else found


@dataclass(frozen=True, slots=True)
class Study:
    """rows: each with `method`, keys such as `k`, and each measure with `_low` and `_high`."""

    name: str
    seed: int
    rows: tuple[Row, ...]
    floors: tuple[Floor, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object that `--json` prints; JSON has no NaN, so what could not be measured is null."""
        rows = [
            {key: None if isinstance(cell, float) and not np.isfinite(cell) else cell for key, cell in row.items()}
            for row in self.rows
        ]
        floors = [floor.as_json() for floor in self.floors]
        return {"study": self.name, "seed": self.seed, "rows": rows, "floors": floors}


def row(method: str, keys: Mapping[str, Cell], measures: Mapping[str, npt.ArrayLike]) -> Row:
    """Return one row. measures: name to one value a person (n,); NaN where it is not defined for someone."""
    made: Row = {"method": method, **keys}
    for name, values in measures.items():
        made[name], made[f"{name}_low"], made[f"{name}_high"] = interval(values)
    return made


def measured(found: Mapping[str, Interval]) -> Row:
    """Return the cells of measures whose intervals are known: each by its name, with `_low` and `_high`."""
    return {
        f"{name}{end}": cell
        for name, cells in found.items()
        for end, cell in zip(("", "_low", "_high"), cells, strict=True)
    }


def bootstrap(values: npt.ArrayLike, of: Callable[[npt.NDArray[np.float64]], float], seed: int) -> Interval:
    """Return a statistic of observations (n, ...) and its 95% interval: percentiles over DRAWS samples with replacement of the same
    size (Efron 1979), for what is no mean. What `of` returns as infinite comes out as NaN: not known."""
    array = np.asarray(values, float)
    draw = np.random.default_rng(seed)
    drawn = [of(array[draw.integers(len(array), size=len(array))]) for _ in range(DRAWS)]
    ends = np.quantile(
        drawn, (0.025, 0.975), method="inverted_cdf"
    )  # of what was drawn: none lies between a number and infinity
    value, low, high = (float(one) if np.isfinite(one) else float("nan") for one in (of(array), *ends))
    return value, low, high


def interval(values: npt.ArrayLike) -> Interval:
    """Return the mean over people and its 95% interval (normal approximation; NaN are left out)."""
    array = np.asarray(values, float)
    known = array[np.isfinite(array)]
    if not len(known):
        return float("nan"), float("nan"), float("nan")
    mean = float(known.mean())
    half = Z95 * float(known.std(ddof=1)) / len(known) ** 0.5 if len(known) > 1 else float("nan")
    return mean, mean - half, mean + half
