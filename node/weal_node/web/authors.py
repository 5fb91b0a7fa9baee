"""Authors: who a key is on a page, and where their notes are."""

import re
from collections.abc import Callable

from starlette.requests import Request

from weal_node.errors import NotFoundError
from weal_node.web.desk import Desk

_KEY, _ID = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{32}")


def own_key(desk: Desk) -> str:
    """Return this person's hex agent key in their community, "" before joining."""
    return desk.joined.own_key if desk.joined else ""


def names(desk: Desk) -> Callable[[str], str]:
    """Return what says who a key is; "" is this person."""
    own = own_key(desk)

    def who(key: str) -> str:
        if key in ("", own):
            return "you"
        return desk.joined.community.name_of(bytes.fromhex(key)) if desk.joined else key[:8]

    return who


def where(author: str, note_id: str) -> str:
    """Return the address of a note: of this person's vault where the author is ""."""
    return f"/people/{author}/notes/{note_id}" if author else f"/notes/{note_id}"


def is_key(text: str) -> bool:
    """Whether this is written as an agent key."""
    return _KEY.fullmatch(text) is not None


def key_of(request: Request) -> str:
    """Return the person that the address names; NotFoundError for what is no key."""
    key = str(request.path_params["key"])
    if not is_key(key):
        raise NotFoundError("there is no such person")
    return key


def note_of(request: Request) -> str:
    """Return the id of the note that the address names; NotFoundError for what is none."""
    note_id = str(request.path_params["note"])
    if not _ID.fullmatch(note_id):
        raise NotFoundError("there is no such note")
    return note_id
