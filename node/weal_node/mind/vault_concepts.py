"""The person's own words for things: tags and folders of their notes, then titles, become concepts of their model."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from weal_node.features.concepts import MOST
from weal_node.records import Note
from weal_node.vault.prose import folded

FEWEST_NOTES = 2  # behind a tag or a folder: one note says no more than its title
ENOUGH = 8  # concepts from which on titles add none
LONGEST = 500  # characters of a note that are read


def own(notes: Sequence[Note]) -> dict[tuple[str, str], list[str]]:
    """Return (name, kind) to the texts that are about it, the most used first, at most MOST. An empty vault has none."""
    about: dict[tuple[str, str], list[str]] = {}
    written = Counter(tag for note in notes for tag in note.tags)
    spelt: dict[str, str] = {}  # of tags that differ in case only, the one that is written most often names them all
    for tag in sorted(written, key=lambda tag: (-written[tag], tag)):
        spelt.setdefault(folded(tag), tag)
    for note in notes:
        text = f"{note.title}\n{note.body}"[:LONGEST]
        folder = str(PurePosixPath(note.path).parent)
        for key in [(f"tag: {spelt[folded(tag)]}", "tag") for tag in note.tags] + [(f"folder: {folder}", "folder")] * (
            folder != "."
        ):
            about.setdefault(key, []).append(text)
    used = Counter({key: len(texts) for key, texts in about.items() if len(texts) >= FEWEST_NOTES})
    chosen = sorted(used, key=lambda key: (-used[key], key))[:MOST]
    found = {key: about[key] for key in chosen}
    for note in sorted(notes, key=lambda one: one.title):
        if len(found) < ENOUGH and note.title.strip() and (f"title: {note.title}", "title") not in found and chosen:
            found[f"title: {note.title}", "title"] = [note.title]
    return found
