"""The person's own words for things become concepts of their model: tags and folders of their notes, and whom and what these link to
(people, places and projects have a page of their own, or will), then titles."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from weal_node.features.concepts import MOST
from weal_node.records import Note
from weal_node.vault import topics
from weal_node.vault.prose import folded

# Chosen, not measured: a person's first notes should give the model some words, and a full vault no more than it can learn.
FEWEST_NOTES = 2  # behind a tag, a folder or a link: one note says no more than its title
ENOUGH = 8  # concepts from which on titles add none
LONGEST = 500  # characters of a note that are read

_DATE = re.compile(
    r"[\d\W_]*(?:w|q|kw)?[\d\W_]*"
)  # a page of a day, a week or a quarter is about whatever happened then

Key = tuple[str, str]  # name and kind of a concept


def own(notes: Sequence[Note]) -> dict[Key, list[str]]:
    """Return (name, kind) to the texts that are about it, the most used first, at most MOST. An empty vault has none."""
    about = _by_tag_and_folder(notes) | _by_link(notes)
    used = Counter({key: len(texts) for key, texts in about.items() if len(texts) >= FEWEST_NOTES})
    chosen = sorted(used, key=lambda key: (-used[key], key))[:MOST]
    concepts = {key: about[key] for key in chosen}
    if chosen:
        _add_titles(concepts, notes)
    return concepts


def _by_tag_and_folder(notes: Sequence[Note]) -> dict[Key, list[str]]:
    about: dict[Key, list[str]] = {}
    spelt = _spellings(notes)
    for note in notes:
        text = f"{note.title}\n{note.body}"[:LONGEST]
        for tag in note.tags:
            about.setdefault((f"tag: {spelt[folded(tag)]}", "tag"), []).append(text)
        folder = str(PurePosixPath(note.path).parent)
        if folder != ".":
            about.setdefault((f"folder: {folder}", "folder"), []).append(text)
    return about


def _by_link(notes: Sequence[Note]) -> dict[Key, list[str]]:
    """Return what notes say that link to the same page, whether it is there or not, by its name as it is written first."""
    about: dict[str, list[str]] = {}
    spelt: dict[str, str] = {}
    for note in notes:
        text = f"{note.title}\n{note.body}"[:LONGEST]
        linked = set[str]()
        for target in topics.targets(note):
            topic = topics.key(target)
            if topic not in linked and not _DATE.fullmatch(topic):
                linked.add(topic)
                spelt.setdefault(topic, topics.plain(target).rsplit("/", 1)[-1].removesuffix(".md"))
                about.setdefault(topic, []).append(text)
    return {(f"link: {spelt[topic]}", "link"): texts for topic, texts in about.items()}


def _spellings(notes: Sequence[Note]) -> dict[str, str]:
    """Return by which spelling tags that differ in case only are named: the one that is written most often."""
    written = Counter(tag for note in notes for tag in note.tags)
    spelt: dict[str, str] = {}
    for tag in sorted(written, key=lambda tag: (-written[tag], tag)):
        spelt.setdefault(folded(tag), tag)
    return spelt


def _add_titles(concepts: dict[Key, list[str]], notes: Sequence[Note]) -> None:
    """Add titles, in the order of the alphabet, until there are ENOUGH concepts."""
    for note in sorted(notes, key=lambda note: note.title):
        if len(concepts) < ENOUGH and note.title.strip():
            concepts.setdefault((f"title: {note.title}", "title"), [note.title])
