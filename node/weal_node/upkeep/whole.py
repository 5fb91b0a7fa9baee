"""Are the notes in the history, byte for byte as they lie on the disk? Counted and compared by hash, nothing is changed."""

import os
import time
from pathlib import Path

from weal_node.errors import VaultError
from weal_node.vault import history, kept

NAMED = 5  # notes that are named
JUST_NOW_S = 10.0  # a running node keeps a change within two seconds; a busy machine takes longer


def notes(root: Path, running: bool) -> tuple[bool, str]:
    """Return whether every note is kept as it is, and in words how many are, which are not, and why.

    running: a node is at work here, so that what was written just now is about to be kept."""
    try:
        history.check_ready(root)
        wrong = history.check(root)
        count, missing = kept.look(root)
        begun = history.head(root)
    except VaultError as fault:
        return False, f"{fault.what}. {fault.hint}"
    if wrong:
        return False, wrong
    never, late = list[str](), list[str]()
    for note in missing:
        if note.why:
            never.append(f"{note.path[:80]!a}: {note.why}")
        else:
            late.append(note.path)
    sentences = [f"{count - len(missing)} of {count} in the history as they are"]
    if late:
        how_come = "the node has not kept them" if running else "start the node, which keeps them: weal up"
        sentences.append(f"not yet: {_some(late)}; {how_come}")
    if never:
        sentences.append(f"never, as they are: {_some(never)}")
    if linked := kept.links(root):
        sentences.append(
            f"folders that are links, in which nothing is read: {_some(linked)}; move their notes into the vault"
        )
    waiting = not begun or (running and all(_fresh(root / path) for path in late))
    return not never and (not late or waiting), ". ".join(sentences)


def _some(names: list[str]) -> str:
    more = f"; and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return "; ".join(name.encode(errors="backslashreplace").decode() for name in names[:NAMED]) + more


def _fresh(place: Path) -> bool:
    try:
        return abs(time.time() - max(os.lstat(place).st_mtime, os.lstat(place).st_ctime)) < JUST_NOW_S
    except OSError:
        return True  # it went away meanwhile
