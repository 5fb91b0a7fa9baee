"""Commands about notes: write one, keep one here, forget one or an answer, import."""

from dataclasses import asdict
from typing import Any

from weal_node.commands.home import Command, HomeServices
from weal_node.commons import idempotency, pending, publishing, review
from weal_node.commons.sharing_status import sharing_status
from weal_node.upkeep import erasure
from weal_node.vault.compose import composed, unsaid
from weal_protocol.errors import WealError


async def write(
    home: HomeServices, body: str, title: str = "", visibility: str = "", folder: str = "", again: bool = False
) -> dict[str, Any]:
    """Save a note, unless the same was saved a moment ago. again: save it all the same.

    Return {"id", "path", "visibility", "held": what the scan held it back for, "first": whether nothing left yet,
    "new": whether it was not there yet}."""
    fields = {"title": title, "body": body, "visibility": visibility, "folder": folder}
    wanted = composed(fields, None, home.vault.rules, unsaid(home.alone))
    now_ms = home.now_ms()
    async with idempotency.making(home.vault):
        there = None if again else await idempotency.just_written(home.vault, wanted, now_ms)
        note = there or await publishing.save(home.database, home.vault, home.settings(), now_ms, wanted)
    held = (await sharing_status(home.database)).held.get(note.id)
    return {
        "id": note.id,
        "path": note.path,
        "visibility": str(note.visibility),
        "held": held.kinds if held else "",
        "first": await review.first_ever(home.database),
        "new": there is None,
    }


async def undo(home: HomeServices, note: str) -> dict[str, Any]:
    """Keep a note here that is about to leave, by the beginning of its id, or "all"; return {"kept": paths}."""
    return {"kept": list(await pending.undo(home.database, home.vault, note))}


async def find(home: HomeServices, what: str, which: str) -> dict[str, Any]:
    """Return what would be lost by forgetting a "note" or a "label", before anybody is asked; NotFoundError where there is none."""
    if what == "note":
        return asdict(await erasure.find(home.database, home.vault, which))
    if what == "label":
        return {"label": (await erasure.find_answer(home.database, which)).id}
    raise WealError(f"{what[:20]} cannot be forgotten here", "note or label")


async def forget(home: HomeServices, what: str, which: str) -> dict[str, Any]:
    """Forget a "note" or a "label" for good; return what was looked for afterwards, and where something remains."""
    if what == "note":
        return asdict(await forget_note(home, which))
    if what == "label":
        mind = await home.learning_mind()
        return asdict(await erasure.answer(home.database, home.vault.root, which, home.now_ms(), mind))
    raise WealError(f"{what[:20]} cannot be forgotten here", "note or label")


async def forget_note(home: HomeServices, which: str) -> erasure.Forgotten:
    """Forget a note, by id or path, and let the agent know no more of what was made of it."""
    home.recover()
    gone = await erasure.note(home.database, home.vault, home.own_key(), which)
    if gone.states and home.live_mind is not None:
        await home.live_mind.let_go(gone.states)
    return gone


async def bring(home: HomeServices, act: str, place: str = "", into: str = "") -> dict[str, Any]:
    """Plan, start or stop the import of a running node; return how it stands, as `ImportState.as_json`."""
    importing = home.node().importing
    importing.act(act, place, into)
    return importing.standing.as_json()


COMMANDS: dict[str, Command] = {"note": write, "undo": undo, "forget-preview": find, "forget": forget, "import": bring}
