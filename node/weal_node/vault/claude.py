"""A conversation with Claude, its projects and its memory, from the JSON of its exports. Pure; any JSON gives a talk and a count.

{uuid, name, created_at, updated_at, chat_messages: [{uuid, parent_message_uuid, sender, text, content: [{type, ...}],
attachments: [{file_name, extracted_content}], files: [{file_name, file_uuid}]}]}. What is shown is the branch that ends in
current_leaf_message_uuid, or in the last message. Calls of tools, their results and thoughts are no speech: they are counted.
Artifacts and files that it wrote for the person are.
"""

import re
from collections.abc import Iterator
from typing import Any

from weal_node.vault.talk import (
    WHO,
    Find,
    Talk,
    document,
    fenced,
    line,
    links,
    listed,
    mapped,
    shown,
    spoken,
    text,
    when_ms,
)
from weal_node.vault.tally import ATTACHMENT, MESSAGE, PART, Tally

CALLS, RESULTS, THOUGHTS = "calls of tools", "results of tools", "thoughts of the model"
_LEFT = {
    "thinking": THOUGHTS,
    "redacted_thinking": THOUGHTS,
    "tool_use": CALLS,
    "server_tool_use": CALLS,
    "tool_result": RESULTS,
    "web_search_tool_result": RESULTS,
    "token_budget": "counts of the service",
    "flag": "counts of the service",
}
MOST_PIECES = 500  # of a message's flat text, each looked for in all of its parts
_PROSE = ("", "text/markdown", "markdown", "md", "txt", "text")
_LANGUAGES = {"text/html": "html", "image/svg+xml": "svg"}
_UNSHOWN = re.compile(r"```\s*This block is not supported on your current device yet\.\s*```")
_FIELD = re.compile(r'(?<!\w)(\w++)="([^"]{0,300}+)"')


def read(conversation: dict[str, Any], find: Find, tally: Tally) -> Talk:
    """Return a conversation as it was shown, and its other branches."""
    messages = []
    for entry in listed(conversation.get("chat_messages")):
        if isinstance(entry, dict):
            messages.append(entry)
        else:
            tally.leave(MESSAGE, "damaged in the export")
    chain, others = _branches(messages, text(conversation.get("current_leaf_message_uuid")))
    times = [when_ms(message.get("updated_at"), message.get("created_at")) for message in messages]
    created = when_ms(conversation.get("created_at")) or min(filter(None, times), default=0)
    turns = tuple(_said(messages, chain, find, tally))
    branches = [tuple(_said(messages, branch, find, tally)) for branch in others]
    return Talk(
        text(conversation.get("uuid")),
        line(conversation.get("name")),
        turns,
        tuple(filter(None, branches)),
        created,
        when_ms(conversation.get("updated_at")) or max((*times, created)),
    )


def project(entry: dict[str, Any], tally: Tally) -> Iterator[tuple[str, str, str, int]]:
    """Give (number, path, Markdown, Unix time in ms) of a project's own words and of each of its documents."""
    number, name = text(entry.get("uuid")), line(entry.get("name")) or "Project"
    about = [text(entry.get(key)).strip() for key in ("description", "prompt_template")]
    if any(about):
        yield (
            number,
            f"Projects/{_flat(name)}.md",
            f"# {name}\n\n" + "\n\n".join(filter(None, about)),
            when_ms(entry.get("updated_at"), entry.get("created_at")),
        )
    for place, piece in enumerate(listed(entry.get("docs"))):
        known = mapped(piece)
        content, title = text(known.get("content")), line(known.get("filename")) or f"Document {place + 1}"
        if not content.strip():
            tally.leave(ATTACHMENT, "empty documents of projects")
            continue
        tally.take(ATTACHMENT)
        language = title.rpartition(".")[2].lower() if "." in title else ""
        body = content if language in _PROSE else fenced(content, language)
        yield (
            text(known.get("uuid")) or f"{number}/{place}",
            f"Projects/{_flat(name)}/{_flat(title).removesuffix('.md')}.md",
            f"# {title}\n\n{body}",
            when_ms(known.get("updated_at"), known.get("created_at")),
        )


def memory(entry: dict[str, Any]) -> Iterator[tuple[str, str, str, int]]:
    """Give the same of what Claude remembered, in all and of each project."""
    number = text(entry.get("account_uuid")) or "mine"
    if words := text(entry.get("conversations_memory")).strip():
        yield number, "Memory.md", f"# What Claude remembered\n\n{words}", 0
    for project_id, piece in mapped(entry.get("project_memories")).items():
        if words := text(piece).strip():
            name = f"Memory of a project {text(project_id)[:8]}".strip()
            yield f"{number}/{text(project_id)}", f"{_flat(name)}.md", f"# {name}\n\n{words}", 0


def _flat(name: str) -> str:
    return name.replace("/", " ")


def _branches(messages: list[dict[str, Any]], leaf: str) -> tuple[list[int], list[list[int]]]:
    """Return the places of the messages on the shown branch, and on each other one."""
    places: dict[str, int] = {}
    for place, message in enumerate(messages):
        places.setdefault(text(message.get("uuid")), place)
    places.pop("", None)
    above = [places.get(text(message.get("parent_message_uuid")), -1) for message in messages]
    if max(above, default=-1) < 0:
        return list(range(len(messages))), []  # exports before branches: one after the other
    chain: dict[int, None] = {}
    at = places.get(leaf, len(messages) - 1)
    while at >= 0 and at not in chain:
        chain[at] = None
        at = above[at]
    below: dict[int, list[int]] = {}
    for place, parent in enumerate(above):
        below.setdefault(parent, []).append(place)
    seen, others = set(chain), list[list[int]]()
    waiting = [place for place in reversed(range(len(messages))) if place not in seen]
    starts = [place for place in waiting if above[place] in seen or above[place] < 0]
    waiting += starts
    while waiting:
        at, branch = waiting.pop(), list[int]()
        while at >= 0 and at not in seen:
            seen.add(at)
            branch.append(at)
            later = [place for place in below.get(at, ()) if place not in seen]
            waiting += reversed(later[1:])
            at = later[0] if later else -1
        if branch:
            others.append(branch)
    return list(reversed(chain)), others


def _said(messages: list[dict[str, Any]], places: list[int], find: Find, tally: Tally) -> Iterator[str]:
    for place in places:
        if piece := _turn(messages[place], find, tally):
            yield piece


def _turn(message: dict[str, Any], find: Find, tally: Tally) -> str:
    who = WHO.get(text(message.get("sender")))
    if who is None:
        tally.leave(MESSAGE, "of nobody who is known")
        return ""
    turn_tally = Tally()
    speech = _all(message, find, turn_tally)
    reasons = sorted({why for unit, why in turn_tally.left if unit == PART})
    tally.add(turn_tally)
    if not speech:
        tally.leave(MESSAGE, " and ".join(reasons) or "empty")
        return ""
    tally.take(MESSAGE)
    return spoken(who, speech)


def _all(message: dict[str, Any], find: Find, tally: Tally) -> str:
    """Return everything that a turn says and shows."""
    blocks = list(filter(str.strip, (_block(block, find, tally) for block in listed(message.get("content")))))
    pieces = [*blocks, *_rest(text(message.get("text")), "\n".join(blocks), tally)]
    pieces += [_attachment(attachment, find, tally) for attachment in map(mapped, listed(message.get("attachments")))]
    linked = links("\n".join(pieces))
    for known in map(mapped, (*listed(message.get("files")), *listed(message.get("files_v2")))):
        name = line(known.get("file_name"), 200)
        if find(name) not in linked:
            pieces.append(
                shown(name, text(known.get("file_uuid")), find, tally, text(known.get("file_kind")) == "image")
            )
    return "\n\n".join(filter(None, map(str.strip, pieces)))


def _block(block: object, find: Find, tally: Tally) -> str:
    """Return one part of a turn in Markdown."""
    known = mapped(block)
    kind = text(known.get("type"))
    if kind == "tool_use" and (written := _written(mapped(known.get("input")), text(known.get("name")))):
        tally.take(PART)
        return written
    if kind in _LEFT:
        tally.leave(PART, _LEFT[kind])
        return ""
    if kind in ("image", "document", "file"):
        tally.take(PART)
        name = line(known.get("file_name") or known.get("title"), 200)
        return shown(name, text(known.get("file_uuid")), find, tally, kind == "image")
    words = text(known.get("text")) or text(known.get("content"))
    if words.strip():
        tally.take(PART)
        title = line(known.get("title"))
        return f"*{title.replace('*', '')}*\n\n{words}" if kind == "voice_note" and title else _artifacts(words, tally)
    tally.leave(
        PART, "empty" if kind == "text" else f"of a kind that is not known{f' ({line(kind, 40)})' if kind else ''}"
    )
    return ""


def _written(arguments: dict[str, Any], tool: str) -> str:
    """Return what a tool wrote for the person: an artifact, a file, or a change of one; "" where it did something else."""
    makes = tool in ("artifacts", "create_file", "str_replace", "str_replace_based_edit_tool", "file_create")
    content = text(arguments.get("content")) if tool == "artifacts" else ""
    content = content or text(arguments.get("file_text")) or (text(arguments.get("content")) if makes else "")
    changed = text(arguments.get("new_str")) if makes else ""
    title = (
        line(arguments.get("title")) or line(arguments.get("path"), 300).rpartition("/")[2] or line(arguments.get("id"))
    )
    language = text(arguments.get("language")) or _language(text(arguments.get("type")), title)
    if content.strip():
        return document(title or "Document", content, language)
    return document(f"{title or 'Document'}, changed", changed, language) if changed.strip() else ""


def _language(kind: str, name: str) -> str:
    """Return what a document is written in, "" for prose."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if kind.startswith("application/vnd.ant."):
        kind = kind.removeprefix("application/vnd.ant.")
        return {"code": ending or "text", "react": "jsx"}.get(kind, kind)
    return _LANGUAGES.get(kind, "" if kind in _PROSE and ending in _PROSE else ending)


def _rest(flat: str, speech: str, tally: Tally) -> list[str]:
    """Return what the flat text of a message says and its parts do not."""
    spaceless = "".join(speech.split())
    pieces = list(filter(str.strip, _UNSHOWN.split(flat, MOST_PIECES)))
    return [_artifacts(piece, tally) for piece in pieces if "".join(piece.split()) not in spaceless]


def _attachment(known: dict[str, Any], find: Find, tally: Tally) -> str:
    name, content = line(known.get("file_name"), 200), text(known.get("extracted_content"))
    if not content.strip():
        return shown(name, text(known.get("id")), find, tally, embedded=False)
    tally.take(ATTACHMENT)
    return f"*{(name or 'Attachment').replace('*', '')}*\n\n{fenced(content)}"


def _artifacts(speech: str, tally: Tally) -> str:
    """Return the text with the artifacts that stand in it as documents, and without the thoughts that do (exports of 2024)."""
    speech = _between(speech, "<antThinking", "</antThinking>", lambda _head, _body: _thought(tally))
    return _between(speech, "<antArtifact", "</antArtifact>", _artifact)


def _thought(tally: Tally) -> str:
    tally.leave(PART, THOUGHTS)
    return ""


def _artifact(head: str, body: str) -> str:
    known = dict(_FIELD.findall(head[:2_000]))
    title = known.get("title", "") or known.get("identifier", "")
    return f"\n\n{document(title, body, known.get('language', '') or _language(known.get('type', ''), title))}\n\n"


def _between(speech: str, opening: str, closing: str, made: Any) -> str:
    """Return the text with what stands between these marks made anew; one that is never closed stays as it is."""
    pieces, at = [], 0
    while (begin := speech.find(opening, at)) >= 0:
        head = speech.find(">", begin)
        end = speech.find(closing, head) if head >= 0 else -1
        if end < 0:
            break
        pieces += [speech[at:begin], made(speech[begin:head], speech[head + 1 : end])]
        at = end + len(closing)
    return "".join([*pieces, speech[at:]])
