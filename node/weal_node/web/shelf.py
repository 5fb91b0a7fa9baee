"""Where a note stands among the others: in its folder, and under the name by which others link to it."""

from collections import Counter

from weal_node.records import Note


def linked(notes: tuple[Note, ...], name: str) -> Note | None:
    """Return the note that a wikilink means: by path, by file name, by title or by an alias; the shortest path of several."""
    wanted = name.removesuffix(".md").strip().casefold()
    fits = [
        note
        for note in notes
        if wanted
        in {
            (path := note.path.removesuffix(".md").casefold()),
            path.rsplit("/", 1)[-1],
            note.title.casefold(),
            *(alias.casefold() for alias in note.aliases),
        }
    ]
    return min(fits, key=lambda note: (len(note.path), note.path), default=None)


def inside(notes: tuple[Note, ...], folder: str) -> list[tuple[str, str, int]]:
    """Return the folders directly inside a folder as (path, name, notes in it), by name."""
    begin = f"{folder}/" if folder else ""
    found = Counter(
        note.path.removeprefix(begin).split("/", 1)[0]
        for note in notes
        if note.path.startswith(begin) and "/" in note.path.removeprefix(begin)
    )
    return [(f"{begin}{name}", name, count) for name, count in sorted(found.items())]


def under(note: Note, folder: str) -> bool:
    """Whether a note lies in this folder, at any depth."""
    return not folder or note.path.startswith(f"{folder}/")
