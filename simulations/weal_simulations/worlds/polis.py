"""Read a Polis export: comments and participants' votes, as github.com/compdemocracy/openData and today's servers publish them.

The files are `comments.csv` and `participants-votes.csv`, or `participant-votes.csv`, with or without the name of a report before
them. A vote of 1 is agree, -1 disagree, 0 pass (no answer here), empty not seen; some exports hold the raw sign of the server's
database, where it is the other way round: the export's own counts tell which (compdemocracy/polis#2554). Statements that the
moderators took out (`moderated` -1) are left out, and so are votes on statements whose text is not in the export.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from weal_protocol.errors import WealError
from weal_protocol.items import MAX_ITEM_CHARACTERS, item_id, normalised
from weal_simulations.worlds.opinions import Opinions, named

COMMENTS = ("comments.csv",)
VOTES = ("participants-votes.csv", "participant-votes.csv")
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_STATEMENTS = 4_096  # as many as a release can name
MAX_PEOPLE = 200_000
NEXT_STEP = "Point --data at the folder of one conversation, for example one of github.com/compdemocracy/openData"
AGAIN = "Export the conversation again, or put its texts in quotation marks"


class PolisError(WealError):
    """This is not a Polis export that can be read; the message names what is missing."""


@dataclass(slots=True)
class _Counts:
    """Votes for and against: as the export counts them, and as its cells say."""

    said: Counter[tuple[str, int]] = field(default_factory=Counter)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)

    def turned(self) -> int:
        """Return 1 where the cells fit the counts with the sign turned, -1 where they fit as they are, 0 where nothing tells."""
        keys = {key for key, _ in self.said}
        apart = {
            sign: sum(abs(self.said[key, way] - self.seen[key, sign * way]) for key in keys for way in (1, -1))
            for sign in (1, -1)
        }
        return (apart[1] > apart[-1]) - (apart[1] < apart[-1])


def holds(folder: Path) -> bool:
    """Return whether an export lies here, as far as the names of its files say."""
    return _file(folder, COMMENTS) is not None


def read(folder: Path) -> Opinions:
    """Return statements and votes of an export. PolisError names a missing file, a missing column or a bad line."""
    if not folder.is_dir():
        raise PolisError(f"{folder} is not a folder", NEXT_STEP)
    comments, votes = _file(folder, COMMENTS), _file(folder, VOTES)
    if missing := [names[0] for place, names in ((comments, COMMENTS), (votes, VOTES)) if place is None]:
        raise PolisError(f"{folder} is no Polis export: it lacks {' and '.join(missing)}", NEXT_STEP)
    assert comments is not None
    assert votes is not None
    of_statements, of_people = _Counts(), _Counts()
    texts = _texts(comments, of_statements)
    if not texts:
        raise PolisError(f"{comments} holds no statement that the moderators left in", NEXT_STEP)
    people = list(_people(votes, {comment: item_id(text) for comment, text in texts.items()}, of_statements, of_people))
    if not people:
        raise PolisError(f"{votes} holds no votes on these statements", NEXT_STEP)
    if _turned(votes, of_statements.turned(), of_people.turned()):
        people = [{item: -vote for item, vote in one.items()} for one in people]
    return Opinions(f"Polis export {folder.name}", named(tuple(texts.values())), tuple(people))


def _file(folder: Path, names: tuple[str, ...]) -> Path | None:
    """Return the one file of these names, or with a report's name before one of them; None where there is none."""
    exact = [folder / name for name in names if (folder / name).is_file()]
    ends = tuple(f"{mark}{name}" for name in names for mark in "-_.")
    found = exact or sorted(one for one in folder.iterdir() if one.name.lower().endswith(ends) and one.is_file())
    if len(found) > 1:
        listed = " and ".join(one.name for one in found[:3])
        raise PolisError(f"{folder} holds several exports: {listed}", "Keep the files of one conversation in a folder")
    return found[0] if found else None


def _turned(path: Path, by_statements: int, by_people: int) -> bool:
    """Whether the cells hold the raw sign. PolisError where the export's own counts contradict each other."""
    if by_statements * by_people < 0:
        raise PolisError(f"{path} and the counts of its statements disagree on which sign agrees", AGAIN)
    return (by_statements or by_people) > 0


def _texts(path: Path, counts: _Counts) -> dict[str, str]:
    """Return comment id to text of what can stand in a commons."""
    found = {}
    for row in _rows(path, ("comment-id", "comment-body"), whole=True):
        text = row["comment-body"].strip()
        for column, way in (("agrees", 1), ("disagrees", -1)):
            if (said := _count(row.get(column))) is not None:
                counts.said[row["comment-id"], way] = said
        if (row.get("moderated") or "0").strip() in {"-1", "-1.0"}:
            continue
        if normalised(text) and len(text) <= MAX_ITEM_CHARACTERS:
            found[row["comment-id"]] = text
        if len(found) > MAX_STATEMENTS:
            raise PolisError(f"{path} holds more than {MAX_STATEMENTS} statements", "Take a smaller conversation")
    return found


def _people(path: Path, item_of: dict[str, str], statements: _Counts, people: _Counts) -> Iterator[dict[str, int]]:
    """Yield each person's votes by item; of two votes on the same text, which are rare, the later column stands."""
    counted = {key for key, _ in statements.said}
    for number, row in enumerate(_rows(path, ("participant",))):
        if number >= MAX_PEOPLE:
            raise PolisError(f"{path} holds more than {MAX_PEOPLE} people", "Take a smaller conversation")
        agrees, disagrees = _count(row.get("n-agree")), _count(row.get("n-disagree"))
        known = (column for column in row if column in item_of or column in counted)
        votes = {column: _vote(row[column], path, row["participant"]) for column in known}
        seen = Counter(votes.values())
        statements.seen.update(votes.items())
        if agrees is not None and disagrees is not None:
            for way, count in ((1, agrees), (-1, disagrees)):
                people.said[row["participant"], way] = count
                people.seen[row["participant"], way] = seen[way]
        if given := {item: votes[column] for column, item in item_of.items() if votes.get(column)}:
            yield given


def _count(cell: str | None) -> int | None:
    """Return a count, None of what is none."""
    return int(float(cell)) if cell and cell.strip().replace(".0", "").isdecimal() else None


def _vote(cell: str, path: Path, person: str) -> int:
    """Return +1, -1, or 0 for a pass and for what was not seen."""
    try:
        vote = float(cell) if cell.strip() else 0.0
    except ValueError:
        vote = 2.0
    if vote not in {1.0, 0.0, -1.0}:
        raise PolisError(f"{path} holds {cell[:20]!r} as a vote of participant {person[:20]}", "A vote is 1, 0 or -1")
    return int(vote)


def _rows(path: Path, columns: tuple[str, ...], whole: bool = False) -> Iterator[dict[str, str]]:
    """Yield the rows. whole: the last of `columns` is a text, which some exports write without quotation marks: one that stands
    last in the row is put together again, and what cannot be is refused: nothing is cut at a comma."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PolisError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB", "Take a smaller conversation")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            head = [name.strip() for name in next(reader, [])]
            if lacking := [column for column in columns if column not in head]:
                raise PolisError(f"{path} lacks the column {' and '.join(lacking)}", NEXT_STEP)
            for row in reader:
                if whole and row and len(row) != len(head):
                    row = _rejoined(row, head, columns[-1], f"{path}, line {reader.line_num}")
                if row:
                    yield dict(zip(head, row + [""] * (len(head) - len(row)), strict=False))
    except (UnicodeDecodeError, csv.Error) as fault:
        raise PolisError(f"{path} cannot be read as CSV: {fault}", NEXT_STEP) from fault


def _rejoined(row: list[str], head: list[str], text: str, where: str) -> list[str]:
    if len(row) < len(head):
        raise PolisError(
            f"{where} ends before its {text}: a text there holds a line end without quotation marks", AGAIN
        )
    if head[-1] != text:
        raise PolisError(
            f"{where} has more columns than its head: a text there holds a comma without quotation marks", AGAIN
        )
    return [*row[: len(head) - 1], ",".join(row[len(head) - 1 :])]
