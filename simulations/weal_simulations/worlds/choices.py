"""What people chose, as arrays: from a Polis export, or from a folder with items.csv and choices.csv.

items.csv has the columns id and text. choices.csv has person, item, other, choice and time: where `other` is empty, choice is 1 (yes) or -1 (no) to the item; else 1 says
that the item is better than the other, and anything that is not 1 that it is not. time orders a person's choices; it may be any number or left empty.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_protocol.errors import WealError
from weal_simulations.worlds import polis
from weal_simulations.worlds.opinions import Opinions

ITEMS, CHOICES = "items.csv", "choices.csv"
NEXT_STEP = "A folder needs items.csv (id,text) and choices.csv (person,item,other,choice,time), or a Polis export"
MAX_ROWS = 5_000_000


@dataclass(frozen=True, slots=True)
class ChoicePerson:
    """item, other: (n,) rows of the items; other is -1 where there is none.  yes: (n,), 1 or 0."""

    item: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    yes: npt.NDArray[np.float64]

    def at(self, rows: npt.NDArray[np.int64]) -> "ChoicePerson":
        """Return these of their choices alone."""
        return ChoicePerson(self.item[rows], self.other[rows], self.yes[rows])


@dataclass(frozen=True, slots=True)
class Choices:
    """source: where they come from.  ids, texts: of the items.  people: each person's choices."""

    source: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    people: tuple[ChoicePerson, ...]


def read(folder: Path) -> Choices:
    """Read either form; WealError names what is missing or wrong."""
    if not folder.is_dir():
        raise WealError(f"{folder} is not a folder", NEXT_STEP)
    if (folder / ITEMS).is_file() and (folder / CHOICES).is_file():
        return _read(folder)
    if polis.holds(folder):
        return of_opinions(polis.read(folder))
    raise WealError(f"{folder} has neither {ITEMS} with {CHOICES} nor a Polis export", NEXT_STEP)


def of_opinions(opinions: Opinions, fewest: int = 10) -> Choices:
    """Return votes as choices; statements that fewer than `fewest` people voted on are left out."""
    counts: dict[str, int] = {}
    for votes in opinions.people:
        for item in votes:
            counts[item] = counts.get(item, 0) + 1
    ids = tuple(item for item in opinions.texts if counts.get(item, 0) >= fewest)
    place = {item: row for row, item in enumerate(ids)}
    return Choices(opinions.source, ids, tuple(opinions.texts[item] for item in ids), _voters(opinions, place))


def _voters(opinions: Opinions, place: Mapping[str, int]) -> tuple[ChoicePerson, ...]:
    people = []
    for votes in opinions.people:
        known = [(place[item], float(vote > 0)) for item, vote in votes.items() if item in place]
        if known:
            item = np.array([row for row, _ in known], np.int64)
            people.append(ChoicePerson(item, np.full(len(item), -1), np.array([yes for _, yes in known])))
    return tuple(people)


def _read(folder: Path) -> Choices:
    texts = {row["id"]: row["text"] for row in _rows(folder / ITEMS, ("id", "text"))}
    place = {item: row for row, item in enumerate(texts)}
    found: dict[str, list[tuple[float, int, int, int, float]]] = {}
    for number, row in enumerate(_rows(folder / CHOICES, ("person", "item", "other", "choice", "time")), start=2):
        if row["item"] not in place or (row["other"] and row["other"] not in place):
            raise WealError(f"{folder / CHOICES}, line {number}, names an item that is not in {ITEMS}", NEXT_STEP)
        try:
            choice, time = float(row["choice"]), float(row["time"] or number)
        except ValueError:
            raise WealError(f"{folder / CHOICES}, line {number}: choice and time are numbers", NEXT_STEP) from None
        other = place[row["other"]] if row["other"] else -1
        found.setdefault(row["person"], []).append((time, number, place[row["item"]], other, float(choice == 1)))
    people = []
    for said in found.values():
        said.sort()
        ends = np.array([one[2:4] for one in said], np.int64)
        people.append(ChoicePerson(ends[:, 0], ends[:, 1], np.array([one[4] for one in said])))
    if not people:
        raise WealError(f"{folder / CHOICES} holds no choice", NEXT_STEP)
    return Choices(folder.name, tuple(texts), tuple(texts.values()), tuple(people))


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if lacking := [column for column in columns if column not in (reader.fieldnames or ())]:
                raise WealError(f"{path} lacks the column {' and '.join(lacking)}", NEXT_STEP)
            rows = [
                {name: row[name] or "" for name in columns} for _, row in zip(range(MAX_ROWS), reader, strict=False)
            ]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise WealError(f"{path} cannot be read as CSV: {fault}", NEXT_STEP) from fault
    return rows
