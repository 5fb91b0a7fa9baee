"""Which note of the own vault stands where ![[name]] does. Only on its person's own pages: what others see of it is a name."""

from collections.abc import Callable

from weal_node.records import Note
from weal_node.vault import sections
from weal_node.web.dialect import Embedded, Embeds, address

MOST_NAMES = 100  # looked for on one page

Resolver = Callable[[tuple[Note, ...], str], Note | None]


def among(notes: tuple[Note, ...], root: Note, resolve: Resolver) -> Embeds:
    """Return what says what a name on this note's page shows. resolve: the one resolver of links."""
    known: dict[str, Embedded | None] = {}

    def find(target: str) -> Embedded | None:
        if target not in known:
            known[target] = _found(notes, root, resolve, target) if len(known) < MOST_NAMES else None
        return known[target]

    return find


def _found(notes: tuple[Note, ...], root: Note, resolve: Resolver, target: str) -> Embedded | None:
    name, _, fragment = (piece.strip() for piece in target.partition("#"))
    note = resolve(notes, name) if name else root
    if note is None or (note.id == root.id and not fragment):
        return None
    text = sections.part(note.body, fragment) if fragment else note.body
    title = f"{note.title or note.path} {fragment.lstrip('#^')}".strip()
    return None if text is None else Embedded(f"{note.id}#{fragment}", address(target) if name else "#", title, text)
