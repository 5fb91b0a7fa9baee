"""One conversation as it was read: what was said, in Markdown, on the shown branch and on the others. Pure.

Exports are JSON of strangers: every field may be missing, of another type, or endless. These readers of fields never raise.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from weal_node.vault.tally import ATTACHMENT, Tally

ME, ASSISTANT = "Me", "Assistant"
WHO = {"user": ME, "human": ME, "assistant": ASSISTANT}
NOT_HELD = "the export names it and does not hold it"
_EARLIEST_S, _LATEST_S = -2_208_988_800, 7_258_118_400  # 1900 and 2200: what lies beyond is no date of a note
_TICKS = re.compile(r"`{3,}")
_LINK = re.compile(r"\[\[([^\[\]\n]{1,400}+)\]\]")

Find = Callable[
    [str], str
]  # the link to a file of the export by an id or name that a message gives it; "" where there is none


@dataclass(frozen=True, slots=True)
class Talk:
    """said: pieces of Markdown, one a message, of the branch that was shown.  others: the same of each other branch.
    created_ms, changed_ms: Unix time, 0 for unknown."""

    number: str
    title: str
    said: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    created_ms: int
    changed_ms: int


def spoken(speaker: str, text: str) -> str:
    """Return what somebody said, as a piece of a note."""
    return f"**{speaker}:** {text}\n\n"


def text(value: object) -> str:
    """Return a text of whole characters; "" for what is none."""
    if not isinstance(value, str):
        return ""
    return value.encode(errors="replace").decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def line(value: object, most: int = 150) -> str:
    """Return a text as one short line."""
    return " ".join(text(value)[: 10 * most].split())[:most].strip()


def listed(value: object) -> Sequence[Any]:
    """Return a list; an empty one for what is none."""
    return value if isinstance(value, list) else ()


def mapped(value: object) -> dict[str, Any]:
    """Return a mapping; an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def when_ms(*values: object) -> int:
    """Return the first of these that is a time, as Unix time in ms: seconds, milliseconds or ISO 8601; 0 for none."""
    for value in values:
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                seconds = float(value)
            else:
                seconds = datetime.fromisoformat(text(value).strip()).timestamp()
            if abs(seconds) > 10 * _LATEST_S:
                seconds /= 1_000
            if _EARLIEST_S < seconds < _LATEST_S and seconds:
                return int(seconds * 1_000)
        except (ValueError, OverflowError, OSError):
            continue
    return 0


def fenced(content: str, language: str = "") -> str:
    """Return text as a block of code that nothing in it can end."""
    longest = max(map(len, _TICKS.findall(content)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{re.sub(r'[^0-9A-Za-z+#-]', '', language)[:20]}\n{content.rstrip()}\n{ticks}"


def document(title: str, content: str, language: str = "") -> str:
    """Return a document that was written in a conversation: prose as it is, anything else as code."""
    head = f"*{line(title).replace('*', '') or 'Document'}*"
    return f"{head}\n\n{fenced(content, language) if language else content.strip()}"


def links(speech: str) -> frozenset[str]:
    """Return the targets of all [[links]] in a text."""
    return frozenset(_LINK.findall(speech))


def shown(name: str, number: str, find: Find, tally: Tally, embedded: bool = True) -> str:
    """Return the link to a file that a message shows, or its name where the export does not hold it. number: its id there."""
    link = find(number) or (find(name) if name else "")
    if link:
        tally.take(ATTACHMENT)
        return f"![[{link}]]" if embedded else f"[[{link}]]"
    tally.leave(ATTACHMENT, NOT_HELD)
    return f"({line(name) or 'file'}: not in the export)"
