"""Conversations with ChatGPT or Claude as Markdown notes. Pure; any JSON gives notes or a named fault, and a count of all it held.

The branch that was shown is the note; other branches stand below it, under a heading of their own.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from weal_node.vault import chatgpt, claude
from weal_node.vault.talk import Find, Talk
from weal_node.vault.tally import CONVERSATION, Tally

MAX_PART = 900_000  # bytes of one note; a longer conversation becomes several
NAMES = {"chatgpt": "ChatGPT", "claude": "Claude"}
SILENT = "nobody says anything in it"
_PIECE = MAX_PART // 4  # characters: no more than MAX_PART bytes
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Written:
    """A note made of an export. origin: names it there for good.  changed_ms: Unix time, 0 for unknown."""

    origin: str
    path: str
    content: bytes
    changed_ms: int


def kind(value: object) -> str:
    """Return whose conversation this is, "chatgpt" or "claude"; "" where it is none."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("mapping"), dict):
        return "chatgpt"
    return "claude" if isinstance(value.get("chat_messages"), list) else ""


def beside(value: object) -> str:
    """Return what else of an export this is: "project", "memory", or "" for nothing that gives notes."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("docs"), list) or "prompt_template" in value:
        return "project"
    return "memory" if "conversations_memory" in value or "project_memories" in value else ""


def why_none(value: object) -> str:
    """Return why this is no conversation, in words that follow a colon."""
    if not isinstance(value, dict):
        return "it is no conversation: it is not even an object"
    for key in ("mapping", "chat_messages"):
        if key in value:
            return f"it is no conversation: its {key} is not of the form that is known"
    return "it is no conversation: it has neither mapping (ChatGPT) nor chat_messages (Claude)"


def notes(value: dict[str, Any], find: Find, tally: Tally) -> Iterator[Written]:
    """Give the notes of one conversation, project or memory; one in which nobody says anything gives none."""
    form = kind(value)
    if form:
        talk = chatgpt.read(value, find, tally) if form == "chatgpt" else claude.read(value, find, tally)
        if talk.said or talk.others:
            tally.take(CONVERSATION)
            yield from _of_talk(form, talk)
        else:
            tally.leave(CONVERSATION, SILENT)
        return
    kind_of = beside(value)
    for number, path, body, at_ms in claude.project(value, tally) if kind_of == "project" else claude.memory(value):
        head = _head("Claude", 0, at_ms)
        for place, part in enumerate(_parts([f"{body}\n"]), start=1):
            name = path if place == 1 else f"{path.removesuffix('.md')} ({place}).md"
            yield Written(f"claude:{kind_of}:{number}#{place}", name, f"{head}{part}".encode(), at_ms)


def _of_talk(form: str, talk: Talk) -> Iterator[Written]:
    title = talk.title or "Conversation"
    number = talk.number or hashlib.sha256("".join(talk.said).encode()).hexdigest()
    pieces = list(talk.said)
    for place, branch in enumerate(talk.others, start=1):
        pieces += ["## Other branches\n\n"] if place == 1 else []
        pieces += [f"### Branch {place}\n\n", *branch]
    head, parts = _head(NAMES[form], talk.created_ms, talk.changed_ms), _parts(pieces)
    for place, part in enumerate(parts, start=1):
        name = title if len(parts) == 1 else f"{title} ({place})"
        path = f"{name.replace('/', ' ')}.md"
        yield Written(f"{form}:{number}#{place}", path, f"{head}# {name}\n\n{part}".encode(), talk.changed_ms)


def _head(source: str, created_ms: int, changed_ms: int) -> str:
    lines = [f"source: {source}"]
    lines += [f"created: {_moment(created_ms)}"] if created_ms else []
    lines += [f"updated: {_moment(changed_ms)}"] if changed_ms else []
    return "\n".join(["---", *lines, "---", ""])


def _moment(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parts(pieces: list[str]) -> list[str]:
    """Put pieces together to texts that each fit into one note."""
    parts: list[list[str]] = [[]]
    room = 0
    for piece in chain.from_iterable(map(_short, pieces)):
        size = len(piece.encode())
        if room + size > MAX_PART and parts[-1]:
            parts.append([])
            room = 0
        parts[-1].append(piece)
        room += size
    return list(map("".join, parts))


def _short(text: str) -> Iterator[str]:
    """Give a text in pieces of at most _PIECE characters, cut at the end of a line where there is one."""
    at = 0
    while at < len(text):
        end = at + _PIECE
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or end
        yield text[at:end]
        at = end
