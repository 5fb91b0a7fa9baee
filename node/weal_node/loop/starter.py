"""The statements of a node that has met nobody yet, so that Teach has something to ask from the first minute."""

from importlib.resources import files

from weal_node.records import State
from weal_protocol.items import item_id


def starter() -> list[State]:
    """Return the project's own statements (starter.txt), as states of this node alone."""
    text = (files("weal_node.loop") / "starter.txt").read_text(encoding="utf-8")
    return [State(item_id(line), line) for line in text.splitlines() if line.strip()]
