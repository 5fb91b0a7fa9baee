"""Under which names vectors of a note's words may lie, so that forgetting the note finds them."""

from weal_node.errors import OWN_FAULTS
from weal_node.look import facts, near
from weal_node.look.notes import OwnNote
from weal_node.records import Note
from weal_node.rereading.meaning import digest
from weal_node.vault import comments


def of(note: Note) -> frozenset[str]:
    """Return the digests of a note's beginning and of its acts."""
    own = OwnNote(note.id, note.path, note.title, comments.without(note.body))
    names = {digest(near.head(own))}
    try:
        names |= {digest(wish.act) for wish in facts.of(own, 0).wishes if wish.act}
    except OWN_FAULTS:  # of a note that the rules cannot read there are none
        return frozenset(names)
    return frozenset(names)
