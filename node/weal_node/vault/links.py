"""Links: which file of a vault a link means. One rule for pages, backlinks, topics, mentions, embeds, pictures and imports; pure.

In this order: from the folder of the note that links; from each folder above it, up to the top; a file whose path ends so; the
nearest file of that name; a title; an alias. So an alias never beats a title, nor either a file of that name. Of several the
nearest is meant, by steps through folders, and of equally near ones the first by alphabet. Case and the way in which letters
are composed (NFC) do not count, and .md may be left out.
"""

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from weal_node.records import Note
from weal_protocol import letters

LONGEST = 1_000  # characters of a link
DEEPEST = 64  # folders named in one
MANY = 32  # files of one name from which on they are held by folder
SUFFIXES = (".md", ".markdown", ".txt")  # the latter two are .md once they are imported


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A file that can be linked to: where it lies in its vault, and by what else it is known."""

    path: str
    title: str = ""
    aliases: tuple[str, ...] = ()


def folded(name: str) -> str:
    """Return a name as it is compared: without case (Unicode's canonical caseless match), letters composed, blanks single."""
    plain = letters.normal("NFD", name).casefold()
    return " ".join(letters.normal("NFC", plain).split())


def target_of(reference: str) -> tuple[str, str]:
    """Return what a link leads to and the place in it: "path#heading" and "path#^block" are told apart, "" for none."""
    target, _, heading = reference.partition("#")
    return target.strip(), heading.strip()


class Links:
    """What links lead to, in one vault. Built once of all its files; a look-up takes a few steps however many there are."""

    def __init__(self, places: Iterable[LinkTarget]) -> None:
        self._paths: dict[str, list[str]] = {}  # as they are spelt, by the path as it is compared
        self._files: dict[str, list[str]] = {}
        self._titles: dict[str, list[str]] = {}
        self._aliases: dict[str, list[str]] = {}
        self._by_folder: dict[int, dict[str, tuple[int, str]]] = {}
        for place in places:
            path = _compared(place.path)
            self._paths.setdefault(path, []).append(place.path)
            self._files.setdefault(path.rpartition("/")[2], []).append(path)
            for names, by_name in (((place.title,), self._titles), (place.aliases, self._aliases)):
                for name in dict.fromkeys(map(folded, names)):
                    by_name.setdefault(name, []).append(path)
        self._backwards = sorted((_backwards(path), path) for path in self._paths)

    def find(self, reference: str, beside: str = "") -> str:
        """Return the path of the file that a link in the file at `beside` means, "" for none. Without a name before its #
        it means that file itself. A name that holds a # is found where nothing has the name before it."""
        target, heading = target_of(reference)
        if len(reference) > LONGEST or reference.count("/") > DEEPEST:
            return ""
        if not target and heading:
            return beside
        names = (target,) if "#" not in reference else (target, reference) if heading else (reference, target)
        for name in names:
            for spelling in _spellings(name.strip().rstrip("\\")):
                if path := self._find(spelling, _compared(beside)):
                    return self._spelt(path, reference)
        return ""

    def _find(self, name: str, beside: str) -> str:
        """Return the path, as it is compared, of what a name means."""
        folder = posixpath.dirname(beside)
        path = "/".join(map(folded, name.split("/")))
        below = _inside(path)
        if path.startswith("/") and below in self._paths:
            return below
        if not path.startswith("/") and (beside_it := _joined(folder, path)) in self._paths:
            return beside_it
        for above in _above(folder):
            if below and (above_it := _joined(above, below)) in self._paths:
                return above_it
        return (
            _nearest(self._ending(below), folder)
            or self._named(self._files, below.rpartition("/")[2], folder)
            or self._named(self._titles, folded(name), folder)
            or self._named(self._aliases, folded(name), folder)
        )

    def _ending(self, path: str) -> list[str]:
        """Return the files whose path ends with this one; none for a bare name, which is looked for by `_named`."""
        if "/" not in path:
            return []
        begin, paths = _backwards(path), list[str]()
        for key, ending in self._backwards[bisect_left(self._backwards, (begin, "")) :]:
            if not key.startswith(begin):
                break
            paths.append(ending)
        return paths

    def _named(self, known: dict[str, list[str]], name: str, folder: str) -> str:
        paths = known.get(name, []) if name else []
        if len(paths) <= MANY:
            return _nearest(paths, folder)
        if id(paths) not in self._by_folder:
            self._by_folder[id(paths)] = _by_folder(paths)
        below = self._by_folder[id(paths)]
        here = [folder, *_above(folder)]
        # The best below each folder on the way up: below the one where the ways meet its distance is exact, else too long.
        nearest, path = 1 << 30, ""
        for up, above in enumerate(here):
            if above in below:
                depth, lowest = below[above]
                nearest, path = min((nearest, path), (up + depth - _depth(above), lowest))
        return path

    def _spelt(self, path: str, reference: str) -> str:
        """Return the path as it is spelt; of several that differ in case alone, the one spelt as the link."""
        spelt = sorted(self._paths[path])
        last = letters.normal("NFC", target_of(reference)[0].rpartition("/")[2])
        for spelling in spelt:
            if letters.normal("NFC", spelling.rpartition("/")[2]) in (last, f"{last}.md"):
                return spelling
        return spelt[0]


class Index:
    """The links of a vault, built anew only where a path, a title or an alias is another than before."""

    def __init__(self) -> None:
        self._built: tuple[tuple[LinkTarget, ...], Links] = ((), Links(()))

    def of(self, notes: Sequence[Note]) -> Links:
        """Return what links lead to among these notes. Some milliseconds for 50,000 that are as they were."""
        places = tuple(LinkTarget(note.path, note.title, note.aliases) for note in notes)
        former, links = self._built
        if former != places:
            links = Links(places)
            self._built = (places, links)
        return links


def _compared(path: str) -> str:
    plain = "/".join(map(folded, path.split("/")))
    return plain.removesuffix(".md")


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name without its ending, and as it is."""
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], name
    return (name,)


def _joined(folder: str, path: str) -> str:
    """Return a path from this folder, "" where it leads out of the vault."""
    joined = posixpath.normpath(posixpath.join(folder, path)) if path else ""
    return "" if joined.startswith(("..", "/")) and joined.split("/", 1)[0] in ("..", "") else joined


def _inside(path: str) -> str:
    """Return a path without the steps up that it begins with."""
    parts = posixpath.normpath(path.lstrip("/")).split("/") if path.strip("/") else []
    while parts and parts[0] in (".", ".."):
        parts.pop(0)
    return "/".join(parts)


def _above(folder: str) -> list[str]:
    """Return the folders above this one, the nearest first; the top is ""."""
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, -1, -1)]


def _backwards(path: str) -> str:
    return "/".join(reversed(path.split("/"))) + "/"


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _nearest(paths: Sequence[str], folder: str) -> str:
    return min(((_steps(folder, posixpath.dirname(path)), path) for path in paths), default=(0, ""))[1]


def _steps(here: str, there: str) -> int:
    """Return how many folders one goes up and down from one to the other."""
    ours, theirs = here.split("/") if here else [], there.split("/") if there else []
    common = len(posixpath.commonprefix([ours, theirs]))
    return len(ours) + len(theirs) - 2 * common


def _by_folder(paths: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return of each folder the path below it that is least deep, with its depth, and the first by alphabet of those."""
    best: dict[str, tuple[int, str]] = {}
    for path in paths:
        folder = posixpath.dirname(path)
        for above in (folder, *_above(folder)):
            best[above] = min(best.get(above, (1 << 30, "")), (_depth(folder), path))
    return best
