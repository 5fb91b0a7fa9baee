"""Conversations with ChatGPT or Claude, from the JSON of their exports, as Markdown notes. Pure; any JSON gives notes or a named fault.

ChatGPT: a list of {title, create_time, current_node, mapping: {id: {parent, children, message: {author: {role}, content: {parts}}}}};
what is told is the branch that ends in current_node. Claude: a list of {uuid, name, created_at, chat_messages: [{sender, text | content}]}.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from weal_node.errors import VaultError

MAX_PART = 900_000  # bytes of one note; a longer conversation becomes several
WHO = {"user": "Me", "human": "Me", "assistant": "Assistant"}


def kind(exported: object) -> str:
    """Return "chatgpt" or "claude"; VaultError for anything else."""
    first = next((one for one in exported if isinstance(one, dict)), {}) if isinstance(exported, list) else {}
    if "mapping" in first:
        return "chatgpt"
    if "chat_messages" in first:
        return "claude"
    raise VaultError("this is no export of conversations that is known", "ChatGPT's or Claude's conversations.json")


def notes(form: str, exported: object) -> Iterator[tuple[str, str, bytes]]:
    """Give (origin, title, file) of each note; a conversation in which nobody says anything gives none."""
    for one in exported if isinstance(exported, list) else ():
        if isinstance(one, dict):
            said = list(_chatgpt(one) if form == "chatgpt" else _claude(one))
            if said:
                yield from _written(form, one, said)


def _written(form: str, one: dict[str, Any], said: list[tuple[str, str]]) -> Iterator[tuple[str, str, bytes]]:
    title = " ".join(_text(one.get("title") or one.get("name")).split())[:150] or "Conversation"
    number = _text(one.get("conversation_id") or one.get("id") or one.get("uuid"))
    number = number or hashlib.sha256(json.dumps(said).encode(errors="replace")).hexdigest()
    day = _day(one.get("create_time") or one.get("created_at"))
    head = (
        f"---\nsource: {'ChatGPT' if form == 'chatgpt' else 'Claude'}\n"
        + (f"created: {day}\n" if day else "")
        + "---\n"
    )
    parts, room = [""], 0
    for who, text in said:
        for piece in _pieces(f"**{who}:** {text}\n\n"):
            size = len(piece.encode())
            if room + size > MAX_PART and parts[-1]:
                parts.append("")
                room = 0
            parts[-1] += piece
            room += size
    for place, part in enumerate(parts, start=1):
        name = title if len(parts) == 1 else f"{title} ({place})"
        yield f"{form}:{number}#{place}", name, f"{head}# {name}\n\n{part}".encode()


def _pieces(text: str) -> Iterator[str]:
    for begin in range(0, len(text), MAX_PART // 4):
        yield text[begin : begin + MAX_PART // 4]


def _chatgpt(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    mapping = one.get("mapping")
    if not isinstance(mapping, dict):
        return
    branch: list[dict[str, Any]] = []
    at, seen = _text(one.get("current_node")) or next(reversed(mapping), ""), set[str]()
    while at in mapping and at not in seen:  # an export may be damaged: no circles
        seen.add(at)
        node = mapping[at]
        if not isinstance(node, dict):
            break
        branch.append(node)
        at = _text(node.get("parent"))
    for node in reversed(branch):
        message = node.get("message")
        if isinstance(message, dict):
            author, content = message.get("author"), message.get("content")
            who = WHO.get(_text(author.get("role"))) if isinstance(author, dict) else None
            parts = content.get("parts") if isinstance(content, dict) else None
            text = _joined(
                parts if isinstance(parts, list) else [content.get("text")] if isinstance(content, dict) else []
            )
            if who and text:
                yield who, text


def _claude(one: dict[str, Any]) -> Iterator[tuple[str, str]]:
    messages = one.get("chat_messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict):
            who, content = WHO.get(_text(message.get("sender"))), message.get("content")
            blocks = (
                [block.get("text") for block in content if isinstance(block, dict)] if isinstance(content, list) else []
            )
            text = _text(message.get("text")).strip() or _joined(blocks)
            if who and text:
                yield who, text


def _joined(parts: list[Any]) -> str:
    return "\n\n".join(one for one in (_text(part).strip() for part in parts) if one)


def _text(value: object) -> str:
    """Return a text of whole characters; "" for what is none."""
    return value.encode(errors="replace").decode().replace("\0", "") if isinstance(value, str) else ""


def _day(value: object) -> str:
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d")
        return datetime.fromisoformat(_text(value)).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return ""
