"""Departure: what a page says of a note's way out: who may read it, when it leaves, and what cannot be called back."""

from typing import Any

from weal_node.commons import review
from weal_node.records import Note, Visibility
from weal_node.web.desk import Desk


async def terms(desk: Desk) -> dict[str, Any]:
    """Return what a form that may publish says: the delay, and before the first time what cannot be undone."""
    first = await review.first_ever(desk.database)
    return {"delay": minutes(desk.settings.publish_delay_s * 1000), "copies": review.COPIES if first else ""}


def chip(note: Note, due_ms: int | None, now_ms: int, held: bool = False, alone: bool = False) -> str:
    """Return who may read the note, and when it leaves. alone: whether there is no community that it could leave to."""
    if due_ms is not None and alone:
        return f"{note.visibility}, asked about when you join"
    if due_ms is not None:
        return f"{note.visibility}, leaves in {minutes(max(0, due_ms - now_ms))}"
    return f"{note.visibility}, held back" if held and note.visibility != Visibility.PRIVATE else str(note.visibility)


def minutes(span_ms: int) -> str:
    """Return a span as "9:05 min" or "20 s"."""
    seconds = -(-span_ms // 1000)
    return f"{seconds // 60}:{seconds % 60:02} min" if seconds >= 60 else f"{seconds} s"
