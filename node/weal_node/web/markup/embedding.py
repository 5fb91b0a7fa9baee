"""Which note of the own vault stands where ![[name]] does. Only on its person's own pages: what others see of it is a name."""

from collections.abc import Callable

from weal_node.records import Note
from weal_node.vault import sections
from weal_node.web.markup.dialect import Embedded, Embeds, address

MOST_NAMES = 100  # looked for on one page

Resolver = Callable[[str, str], Note | None]  # by name, and the path of the note in which it stands


def among(root: Note, resolve: Resolver) -> Embeds:
    """Return what says what a name on this note's page shows. resolve: the one resolver of links."""
    known: dict[tuple[str, str], Embedded | None] = {}

    def find(target: str, beside: str) -> Embedded | None:
        asked = (target, beside)
        if asked not in known:
            known[asked] = _found(root, resolve, target, beside) if len(known) < MOST_NAMES else None
        return known[asked]

    return find


def _found(root: Note, resolve: Resolver, target: str, beside: str) -> Embedded | None:
    name, _, fragment = map(str.strip, target.partition("#"))
    note = resolve(name, beside) if name else root
    if note is None or (note.id == root.id and not fragment):
        return None
    text = sections.part(note.body, fragment) if fragment else note.body
    title = f"{note.title or note.path} {fragment.lstrip('#^')}".strip()
    place = address(target, beside) if name else "#"
    return None if text is None else Embedded(f"{note.id}#{fragment}", place, note.path, title, text)
