"""Pictures of the vault on its person's own pages; nothing here fetches one from elsewhere."""

import asyncio
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from weal_node.errors import NotFoundError, VaultError
from weal_node.vault import pictures
from weal_node.vault.pictures import Finder
from weal_node.web.markup.rendering import PICTURES
from weal_node.web.page import desk_of


async def see(request: Request) -> Response:
    """GET /pictures/{path}: a picture that lies in the vault, as what its bytes are; no other file."""
    path = str(request.path_params["path"])
    try:
        content, kind = await asyncio.to_thread(pictures.read, desk_of(request).vault.root, path)
    except VaultError as fault:
        raise NotFoundError(fault.what, fault.hint) from fault
    return Response(content, media_type=kind)


def addresses(root: Path, note: str) -> Finder:
    """Return what says at which address of this node a picture of a note at this path is, "" where none is there."""
    find = pictures.finder(root, note)

    def address(name: str) -> str:
        return PICTURES + quote(path) if (path := find(name)) else ""

    return address
