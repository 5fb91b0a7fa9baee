"""Where a note stands among the others: in its folder, and under the name by which others link to it."""

from collections import Counter
from collections.abc import Sequence

from weal_node.records import Note
from weal_node.vault.links import Index
from weal_node.vault.prose import folded

MOST_TAGS = 40


def linked(notes: tuple[Note, ...], name: str, beside: str = "", index: Index | None = None) -> Note | None:
    """Return the note that a link in the note at `beside` means, as vault/links.py says. index: the vault's, which is kept."""
    path = (index or Index()).of(notes).find(name, beside)
    for note in notes:
        if path and note.path == path:
            return note
    return None


def inside(notes: tuple[Note, ...], folder: str) -> list[tuple[str, str, int]]:
    """Return the folders directly inside a folder as (path, name, notes in it), by name."""
    begin = f"{folder}/" if folder else ""
    counts = Counter[str]()
    for note in notes:
        name, slash, _ = note.path.removeprefix(begin).partition("/")
        if note.path.startswith(begin) and slash:
            counts[name] += 1
    return [(f"{begin}{name}", name, count) for name, count in sorted(counts.items())]


def under(note: Note, folder: str) -> bool:
    """Whether a note lies in this folder, at any depth."""
    return not folder or note.path.startswith(f"{folder}/")


def tagged(note: Note, tag: str) -> bool:
    """Whether a note has this tag, in whatever case, or one below it, as home/garden is below home; "" is on every note."""
    wanted = folded(tag)
    return not tag or any(f"{folded(own)}/".startswith(f"{wanted}/") for own in note.tags)


def called(note: Note, words: str) -> bool:
    """Whether a note's title, another name of it or its path has all of these words, in whatever case; "" is in every one."""
    names = folded(" ".join((note.title, *note.aliases, note.path)))
    return all(word in names for word in folded(words).split())


def the_one(notes: Sequence[Note], name: str) -> Note | None:
    """Return the note whose whole title or other name this is, in whatever case; None where none is, or several are."""
    wanted = folded(name)
    found = [note for note in notes if wanted and wanted in map(folded, (note.title, *note.aliases))]
    return found[0] if len(found) == 1 else None


def tags_of(notes: Sequence[Note]) -> list[tuple[str, int]]:
    """Return the most used tags with how many notes have them, each as it is written most often."""
    used, written = Counter[str](), Counter[str]()
    for note in notes:
        used.update(map(folded, note.tags))
        written.update(note.tags)
    spelt: dict[str, str] = {}
    for tag, _ in written.most_common():
        spelt.setdefault(folded(tag), tag)
    return [(spelt[tag], count) for tag, count in used.most_common(MOST_TAGS)]
