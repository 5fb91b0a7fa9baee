"""Read back, after something was forgotten: where anything of it still is: in files, history, database.

A path, an id and a line of 24 characters or more are surely of the note. A title or a shorter line may stand elsewhere by chance or in
others' words: that is said too, but as what it is.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from weal_node.store import words
from weal_node.vault import rewrite, topics
from weal_node.vault.repository import folder_of

TELLING = 24  # characters from which a line of a note is surely its own (node/decisions/0024)
MOST_LINES = 2_000  # of one note that are looked for: the longest of them
CHUNK = 4 * 1024 * 1024
OVERLAP = 4_096  # bytes; of a longer line the first so many are found
_WORD = rb"\w\x80-\xff"


@dataclass(frozen=True, slots=True)
class Needle:
    """Bytes to look for. sure: whether whoever holds them holds something of the note.  apart: which bytes may not stand beside them.
    number: whether they are its id."""

    text: bytes
    sure: bool
    apart: bytes = b""
    number: bool = False

    def within(self, content: bytes) -> bool:
        """Whether they stand in this content, by themselves."""
        if self.text not in content:
            return False
        if not self.apart:
            return True
        alone = b"(?<![%s])%s(?![%s])" % (self.apart, re.escape(self.text), self.apart)
        return re.search(alone, content) is not None


@dataclass(frozen=True)
class Sought:
    """What of a note is looked for. own: lines that stand in other notes of this person as well."""

    ids: tuple[str, ...]
    paths: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    lines: frozenset[bytes] = frozenset()
    own: frozenset[bytes] = frozenset()

    @cached_property
    def needles(self) -> tuple[Needle, ...]:
        """Return all of it, in each of the ways in which it may be written down."""
        needles: list[Needle] = []
        for number in filter(None, self.ids):
            needles.append(Needle(number.encode(), True, number=True))
            if len(number) == 32 and _hex(number):
                needles.append(Needle(bytes.fromhex(number), True, number=True))
        for path in self.paths:
            needles += _needles(path.encode(), True, rb"\w\x80-\xff/ .-")
        for name in sorted({*self.titles, *map(topics.key, self.titles)} - {""}):
            needles += _needles(name.encode(), False, _WORD)
        for line in sorted(self.lines - self.own, key=lambda line: (-len(line), line))[:MOST_LINES]:
            sure = len(line) >= TELLING
            needles += _needles(line, sure, b"" if sure else _WORD)
        return tuple(dict.fromkeys(needles))


def _needles(text: bytes, sure: bool, apart: bytes) -> Iterator[Needle]:
    """Yield a text in each of the ways in which it may be written down."""
    for written in _written(text):
        yield Needle(written, sure, apart)


@dataclass(frozen=True, slots=True)
class Remains:
    """surely: where something of it still is.  maybe: where words stand that it had too.  closed: what could not be looked into."""

    surely: tuple[str, ...]
    maybe: tuple[str, ...]
    closed: tuple[str, ...]


def lines(contents: Iterable[bytes]) -> frozenset[bytes]:
    """Return every line that holds a letter or a digit, blanks around it away."""
    lines: set[bytes] = set()
    for content in contents:
        for line in map(bytes.strip, content.splitlines()):
            if re.search(rb"[%s]" % _WORD, line):
                lines.add(line)
    return frozenset(lines)


@dataclass(frozen=True, slots=True)
class SearchedPlace:
    """Somewhere to look. parts: what is read there.  noun: what is counted, "" for nothing.  says: what holds it, and that it does.
    sure_only: whether what stands there by chance says nothing."""

    parts: Iterable[bytes]
    noun: str
    says: str
    sure_only: bool = False

    def counted(self, number: int) -> str:
        """Return it as a line for a person."""
        return f"{number} {self.noun}{'' if number == 1 else 's'} {self.says}" if self.noun else self.says


def look(database: Path, vault: Path, sought: Sought) -> Remains:
    """Look for it in every file of the home, every object of the history, every table. Blocking, and slow on large vaults."""
    surely, maybe = [], []
    closed = _closed(database, vault)
    for place in _places(database, vault, sought):
        needles = [needle for needle in sought.needles if needle.sure or not place.sure_only]
        sure, chance = _count(place.parts, needles)
        if sure:
            surely.append(place.counted(sure))
        elif chance:
            maybe.append(place.counted(chance))
    headers = _headers(database, sought)
    if headers:
        maybe.append(
            f"the header{'' if headers == 1 else 's'} of {headers} version{'' if headers == 1 else 's'} that left: the note's number, no words, "
            "so that no copy of another comes back"
        )
    if not any("in the database" in place for place in surely):
        # Beside the tables: free pages, and the log. A header's number is no remnant.
        bare = [needle for needle in sought.needles if needle.sure and not (headers and needle.number)]
        files = (database, database.with_name(f"{database.name}-wal"))
        surely += [f"bytes of it in {file.name}" for file in files if _count(_pieces(file), bare)[0]]
    if sought.own:
        many = "1 line" if len(sought.own) == 1 else f"{len(sought.own)} lines"
        maybe.append(f"{many} of it that other notes of yours have too, which keep them")
    if (count := len(sought.lines - sought.own)) > MOST_LINES:
        closed.append(f"{count - MOST_LINES} of its shortest lines were not looked for: it had more than {MOST_LINES}")
    return Remains(tuple(surely), tuple(maybe), tuple(closed))


def _places(database: Path, vault: Path, sought: Sought) -> Iterator[SearchedPlace]:
    for path in sought.paths:
        if (vault / path).exists() or (vault / path).is_symlink():
            yield SearchedPlace([path.encode()], "", f"the file {path}", True)
    versions = rewrite.blobs(vault, sought.paths)
    yield SearchedPlace(
        list(map(str.encode, sought.paths[:1])) * len(versions), "version", "of it in the history", True
    )
    yield SearchedPlace(
        rewrite.objects(vault), "object", "of the history quote it: versions of other files, or what a commit says"
    )
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (raw,) in names:
            table = raw.decode()
            # The index of words holds single words of all notes: that this note's are out, its own optimising saw to.
            chance = table.startswith(words.INDEX)
            yield SearchedPlace(_rows(connection, table), "row", f"of {table} in the database quote it", chance)
    finally:
        connection.close()
    yield from _files(database, vault)


def _headers(database: Path, sought: Sought) -> int:
    """Return how many records of it keep their header, which names the note by its number."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        count = 0
        for number in sought.ids:
            row = connection.execute("SELECT COUNT(*) FROM records WHERE note = ?", (number,)).fetchone()
            count += int(row[0])
        return count
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[bytes]:
    # The header of a record keeps the note's id, so that no pull brings it again: that is no word of it.
    columns = words.HEADERS.get(table, "*")
    for row in connection.execute(f'SELECT {columns} FROM "{table}"'):  # noqa: S608  # names from the schema itself
        yield b"\0\n\0".join(cell for cell in row if isinstance(cell, bytes))


def _files(database: Path, vault: Path) -> Iterator[SearchedPlace]:
    """Yield the files of the home and of a linked vault that can be looked into, but for the database's own."""
    for name, file in _there(database, vault):
        if not _shut(file):
            yield SearchedPlace(_pieces(file), "", f"the file {name} names or quotes it")


def _there(database: Path, vault: Path) -> Iterator[tuple[str, Path]]:
    history, home = folder_of(vault), database.parent
    for root in (home, *((vault.resolve(),) if vault.is_symlink() else ())):
        for file in sorted(root.rglob("*")):
            first = file.relative_to(root).parts[0] if root == home else ""
            is_database = first.startswith(database.name) or words.HOME.get(first) is words.Fate.BARE
            if not is_database and not file.is_relative_to(history) and not file.is_symlink() and file.is_file():
                yield str(file.relative_to(root)), file


def _shut(file: Path) -> bool:
    return file.name.lower().endswith(words.CLOSED)


def _closed(database: Path, vault: Path) -> list[str]:
    closed = [f"the file {name}, which is packed or sealed" for name, file in _there(database, vault) if _shut(file)]
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        (sealed,) = connection.execute("SELECT COUNT(*) FROM outbox WHERE sealed IS NOT NULL").fetchone()
    finally:
        connection.close()
    return closed + ([f"{sealed} sealed message{'' if sealed == 1 else 's'} on the way out"] if sealed else [])


def _pieces(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as content:
            last = b""
            while piece := content.read(CHUNK):
                yield last + piece
                last = piece[-OVERLAP:]  # what stands across two pieces
    except OSError:
        return


def _count(parts: Iterable[bytes], needles: Sequence[Needle]) -> tuple[int, int]:
    """Return in how many parts something surely of it stands, and in how many only what may stand there by chance."""
    sure = chance = size = 0
    batch: list[bytes] = []
    for part in chain(parts, [None]):
        if part is not None:
            batch.append(part)
            size += len(part)
        if part is None or size > CHUNK:
            whole = b"\0".join(batch)
            likely = [needle for needle in needles if needle.text in whole]
            for content in batch if likely else ():
                match = _strongest(likely, content)
                sure += match is True
                chance += match is False
            batch, size = [], 0
    return sure, chance


def _strongest(needles: Iterable[Needle], content: bytes) -> bool | None:
    """Return True where something sure stands in a content, False where only what may by chance, None where nothing does."""
    strongest = None
    for needle in needles:
        if needle.within(content):
            if needle.sure:
                return True
            strongest = False
    return strongest


def _written(text: bytes) -> tuple[bytes, ...]:
    """Return how a text stands in a file and how in JSON."""
    quoted = json.dumps(text.decode(errors="replace"))[1:-1].encode()
    return tuple(dict.fromkeys((text, quoted)))


def _hex(text: str) -> bool:
    return re.fullmatch("[0-9a-f]+", text) is not None
