"""Read a Polis export: `comments.csv` and `participants-votes.csv`, as github.com/compdemocracy/openData publishes them.

A vote of 1 is agree, -1 disagree, 0 pass (no answer here), empty not seen. Statements that the moderators took out
(`moderated` -1) are left out, and so are votes on statements whose text is not in the export.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from weal_protocol.errors import WealError
from weal_protocol.items import MAX_ITEM_CHARACTERS, item_id, normalised
from weal_simulations.opinions import Opinions, named

COMMENTS = "comments.csv"
VOTES = "participants-votes.csv"
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_STATEMENTS = 4_096  # as many as a release can name
MAX_PEOPLE = 200_000
NEXT_STEP = "Point --data at the folder of one conversation, for example one of github.com/compdemocracy/openData"


class PolisError(WealError):
    """This is not a Polis export that can be read; the message names what is missing."""


def read(folder: Path) -> Opinions:
    """Return statements and votes of an export. PolisError names a missing file, a missing column or a bad line."""
    if not folder.is_dir():
        raise PolisError(f"{folder} is not a folder", NEXT_STEP)
    if missing := [name for name in (COMMENTS, VOTES) if not (folder / name).is_file()]:
        raise PolisError(f"{folder} is no Polis export: it lacks {' and '.join(missing)}", NEXT_STEP)
    texts = _texts(folder / COMMENTS)
    if not texts:
        raise PolisError(f"{folder / COMMENTS} holds no statement that the moderators left in", NEXT_STEP)
    people = tuple(_people(folder / VOTES, {comment: item_id(text) for comment, text in texts.items()}))
    if not people:
        raise PolisError(f"{folder / VOTES} holds no votes on these statements", NEXT_STEP)
    return Opinions(f"Polis export {folder.name}", named(tuple(texts.values())), people)


def _texts(path: Path) -> dict[str, str]:
    """Return comment id to text of what can stand in a commons."""
    found = {}
    for row in _rows(path, ("comment-id", "comment-body")):
        text = row["comment-body"].strip()
        if (row.get("moderated") or "0").strip() in {"-1", "-1.0"}:
            continue
        if normalised(text) and len(text) <= MAX_ITEM_CHARACTERS:
            found[row["comment-id"]] = text
        if len(found) > MAX_STATEMENTS:
            raise PolisError(f"{path} holds more than {MAX_STATEMENTS} statements", "Take a smaller conversation")
    return found


def _people(path: Path, item_of: dict[str, str]) -> Iterator[dict[str, int]]:
    """Yield each person's votes by item; of two votes on the same text, which are rare, the later column stands."""
    for number, row in enumerate(_rows(path, ("participant",))):
        if number >= MAX_PEOPLE:
            raise PolisError(f"{path} holds more than {MAX_PEOPLE} people", "Take a smaller conversation")
        votes = {}
        for column, item in item_of.items():
            vote = _vote(row.get(column) or "", path, row["participant"])
            if vote:
                votes[item] = vote
        if votes:
            yield votes


def _vote(cell: str, path: Path, person: str) -> int:
    """Return +1, -1, or 0 for a pass and for what was not seen."""
    try:
        vote = float(cell) if cell.strip() else 0.0
    except ValueError:
        vote = 2.0
    if vote not in {1.0, 0.0, -1.0}:
        raise PolisError(f"{path} holds {cell[:20]!r} as a vote of participant {person[:20]}", "A vote is 1, 0 or -1")
    return int(vote)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PolisError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB", "Take a smaller conversation")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if lacking := [column for column in columns if column not in (reader.fieldnames or ())]:
                raise PolisError(f"{path} lacks the column {' and '.join(lacking)}", NEXT_STEP)
            for row in reader:
                yield {name: value or "" for name, value in row.items() if isinstance(name, str)}
    except (UnicodeDecodeError, csv.Error) as fault:
        raise PolisError(f"{path} cannot be read as CSV: {fault}", NEXT_STEP) from fault
