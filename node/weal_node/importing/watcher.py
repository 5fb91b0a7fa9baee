"""See within a second or two what other editors do in the vault; commit it, and let it leave where it says so."""

import asyncio
import contextlib
import errno
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, awatch

from weal_node.commons import publishing
from weal_node.config import Settings
from weal_node.store.database import Database
from weal_node.vault.folder import Vault

QUIET_MS = 250  # a change counts once nothing has followed it for so long
LONGEST_MS = 1_000  # at the latest
POLL_S = 5.0  # between looks where nothing can be watched; one costs 0.2 s for 10,000 notes that did not change
LOOK_EVERY_MS = 60_000  # a full look, for what the system did not tell: network drives, overflowing queues


async def attend(
    database: Database,
    vault: Vault,
    settings: Settings,
    now_ms: Callable[[], int],
    remark: Callable[[str], None] = lambda _: None,
) -> None:
    """Look at everything once, then at what changes, until cancelled. What changes during the first look is seen after it.

    Where the system lets us watch no more, everything is looked at every few seconds instead, and `remark` is told why."""
    root = vault.root.resolve()
    watching = awatch(
        root,
        watch_filter=lambda change, path: _concerns(root, change, path),
        debounce=LONGEST_MS,
        step=QUIET_MS,
        rust_timeout=LOOK_EVERY_MS,
        yield_on_timeout=True,
    )
    coming = asyncio.ensure_future(anext(watching))
    try:
        await asyncio.sleep(0)  # its first step, before which it watches nothing
        await look(database, vault, settings, now_ms(), None)
        while True:
            try:
                changes = await coming
            except (OSError, RuntimeError) as fault:
                if isinstance(fault, FileNotFoundError):
                    raise
                remark(_why(fault))
                break
            coming = asyncio.ensure_future(anext(watching))
            await look(database, vault, settings, now_ms(), _paths(root, changes))
    finally:
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration, OSError, RuntimeError):
            await coming
        await watching.aclose()
    while True:
        await asyncio.sleep(POLL_S)
        await look(database, vault, settings, now_ms(), None)


def _why(fault: Exception) -> str:
    """Return in words why nothing can be watched, and what helps."""
    limit = "max_user_instances" if getattr(fault, "errno", 0) == errno.EMFILE else "max_user_watches"
    reason = str(fault) or type(fault).__name__
    return (
        f"the system lets us watch no more folders ({reason[:80]}), so all notes are looked at every {POLL_S:g} s; "
        f"raise fs.inotify.{limit} (sysctl) and start the node again"
    )


async def look(database: Database, vault: Vault, settings: Settings, now_ms: int, paths: list[str] | None) -> list[str]:
    """Commit what others wrote, at these paths or anywhere, wake who reads the vault, and schedule what is to leave; return
    what was committed."""
    committed = await asyncio.to_thread(vault.commit_outside, paths)
    vault.changes += 1
    await publishing.notice(database, vault, settings, now_ms)
    return committed


def _concerns(root: Path, change: Change, path: str) -> bool:
    """Whether a change may be one of a note: of a Markdown file, or of a folder that came or went with notes in it."""
    parts = Path(path).relative_to(root).parts
    if any(part.startswith(".") for part in parts):
        return False
    return path.endswith(".md") or change is Change.deleted or Path(path).is_dir()


def _paths(root: Path, changes: set[tuple[Change, str]]) -> list[str] | None:
    """Return the notes that changed, None where only a full look can say."""
    if not changes or any(not path.endswith(".md") for _, path in changes):
        return None
    return sorted({Path(path).relative_to(root).as_posix() for change, path in changes if change is not Change.deleted})
