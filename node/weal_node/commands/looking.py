"""The command that finds what a person may have lost sight of in their own notes, and keeps what they say of it."""

from dataclasses import asdict
from typing import Any

from weal_node.commands.home import Command, HomeServices
from weal_node.rereading import gestures
from weal_node.rereading.rereading import Looked
from weal_node.store.look_gestures import GESTURES, Gesture
from weal_protocol.errors import WealError

TEXTS = 600  # read by meaning where no node runs; chosen: about a minute of an idle machine


async def look(home: HomeServices, line: str = "", gesture: str = "", quick: bool = False) -> dict[str, Any]:
    """Return what is in the notes, as `as_json` says. line, gesture: first say of a line that it is to do ("do"), "done", not like this
    ("unlike"), or take back what was said ("back").  quick: read nothing by meaning where no node runs."""
    if line and gesture == "back":
        await _take_back(home, line)
    elif line or gesture:
        if gesture not in GESTURES or not line:
            raise WealError(f"say of a line that it is one of {', '.join(GESTURES)}, or back", "See `weal look --help`")
        await home.rereading.say(line, gesture)
    if home.live_mind is None:
        await home.rereading.look(None)
        if not quick:
            await home.rereading.understand(TEXTS)
    return as_json(await home.rereading.look())


async def _take_back(home: HomeServices, line: str) -> None:
    said = [gesture.line for gesture in await gestures.every(home.database) if gesture.line.startswith(line)]
    await gestures.take_back(home.database, said[0] if len(said) == 1 else line)


def as_json(looked: Looked) -> dict[str, Any]:
    """Return the page as JSON: {"lines": [{"line", "rule", "says", "act", "due_ms", "quotes": [{"note", "path", "title", "quote",
    "dated_ms"}]}], "notes", "notes_read", "texts", "texts_read", "remarks", "wanted", "closed": lines like these with their "gesture"}."""
    said = [_gesture(gesture) for gesture in looked.said]
    return {
        "lines": [
            {
                "line": finding.key,
                "rule": finding.rule,
                "says": finding.says,
                "act": finding.act,
                "due_ms": finding.due_ms,
                "quotes": [asdict(quote) for quote in finding.quotes],
            }
            for finding in looked.page.findings
        ],
        "notes": looked.total,
        "notes_read": looked.read,
        "texts": looked.texts,
        "texts_read": looked.understood,
        "remarks": list(looked.page.remarks),
        "wanted": [line for line in said if line["gesture"] == "do"],
        "closed": [line for line in said if line["gesture"] != "do"],
    }


def _gesture(said: Gesture) -> dict[str, Any]:
    quotes = [asdict(quote) for quote in said.quotes]
    return {
        "line": said.line,
        "rule": said.rule,
        "gesture": said.gesture,
        "says": said.says,
        "act": said.act,
        "quotes": quotes,
    }


COMMANDS: dict[str, Command] = {"look": look}
