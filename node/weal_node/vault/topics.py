"""Topics: the names under which notes find each other, across people. A note has its title's, its file's and its aliases; [[links]] name one.

Names come from strangers, so a topic is plain: no control or direction characters, one case, one spacing, at most 120 characters.
"""

import re
import unicodedata
from operator import itemgetter

from weal_node.records import Note
from weal_node.vault import properties, prose
from weal_protocol.letters import normal

MAX_TOPIC = 120  # characters
MAX_LINKS = 200  # of one note
_WIKILINK = re.compile(r"\[\[([^\[\]|#\n]{1,200})(?:#[^\[\]|\n]{0,200})?(?:\|([^\[\]\n]{1,200}))?\]\]")


def key(name: str) -> str:
    """Return the topic of this name, "" where nothing is left of it. Folders and .md do not count."""
    last = plain(name).rsplit("/", 1)[-1].strip().removesuffix(".md")
    return " ".join(normal("NFKC", last).casefold().split())[:MAX_TOPIC].strip()


def plain(text: str) -> str:
    """Return text of a stranger on one line: no character that is not seen, or turns the direction of others."""
    return "".join(map(_shown, text)).strip()


def _shown(letter: str) -> str:
    """Return a letter as it stands on a line: a blank for what ends one, nothing for what is not seen."""
    category = unicodedata.category(letter)
    if category in ("Zl", "Zp") or letter in "\t\n\r":
        return " "
    return "" if category in ("Cf", "Cs", "Co", "Cn", "Cc") else letter


def names(note: Note) -> tuple[str, ...]:
    """Return the topics under which a note is found: its file's name, its title's, its aliases'."""
    return tuple(ranked(note))


def ranked(note: Note) -> dict[str, int]:
    """Return the topics under which a note is found, each with its place in the order of links.py: 0 for its file's name, 1 for
    its title, 2 for an alias."""
    ranks: dict[str, int] = {}
    for rank, called in enumerate(((note.path,), (note.title,), note.aliases)):
        for topic in filter(None, map(key, called)):
            ranks.setdefault(topic, rank)
    return ranks


def links(note: Note) -> tuple[str, ...]:
    """Return the topics that a note links to, each once."""
    return tuple(dict.fromkeys(filter(None, map(key, targets(note)))))[:MAX_LINKS]


def targets(note: Note) -> tuple[str, ...]:
    """Return what a note links to as it is written, in its text and its properties."""
    return prose.links("\n".join((note.body, *properties.lines(note.properties))))


def split(text: str) -> tuple[tuple[str, str], ...]:
    """Return text in pieces: (text, "") as it stands, and (what is shown, topic) for each [[link]]."""
    pieces, start = [], 0
    for link in _WIKILINK.finditer(text):
        if topic := key(link[1]):
            pieces += [(text[start : link.start()], ""), (plain(link[2] or link[1]), topic)]
            start = link.end()
    return tuple(filter(itemgetter(0), (*pieces, (text[start:], ""))))
