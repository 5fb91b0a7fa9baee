"""What of a person's notes can be put to them as a question: acts to compare, likes to confirm."""

from collections.abc import Iterable
from itertools import chain

from weal_node.look.likes import Like
from weal_node.look.notes import Quoted
from weal_node.look.wishes import Wish
from weal_node.mind.own_statements import Found

CHORE = "task"  # a box to tick is for Today, and no taste (shared/design/look.md, 4)


def said_in(acts: Iterable[Wish], likes: Iterable[Like]) -> tuple[Found, ...]:
    """Return what these acts and likes make askable, acts first."""
    wanted = (_found(wish.act, 0, wish.quoted) for wish in acts if wish.kind != CHORE)
    liked = (_found(like.object, 1 if like.likes else -1, like.quoted) for like in likes)
    return tuple(chain(wanted, liked))


def _found(text: str, says: int, at: Quoted) -> Found:
    return Found(text, says, at.note, at.title, at.quote, at.dated_ms)
