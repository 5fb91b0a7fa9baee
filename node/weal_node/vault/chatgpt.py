"""A conversation with ChatGPT, from the JSON of its exports. Pure; any JSON gives a talk, and a count of all that it held.

{title, create_time, current_node, mapping: {id: {parent, children, message: {author: {role}, recipient, channel, metadata,
content: {content_type, parts | text | ...}}}}}. What is shown is the branch that ends in current_node. Turns that the page hides,
calls of tools and their results, and thoughts are no speech: they are counted. What a tool wrote or drew for the person is.
"""

import json
import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from weal_node.vault.talk import (
    ASSISTANT,
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

HIDDEN = "hidden in the conversation"
CALLS, RESULTS = "calls of tools", "results of tools"
THOUGHTS = "thoughts of the model"
_THINKING = frozenset({"thoughts", "reasoning_recap"})
_CONTEXT = {"user_editable_context": "your custom instructions", "model_editable_context": "what the model remembered"}
_PICTURE = "image_asset_pointer"
_REFERENCE = re.compile(r"(?:file)?(?:cite)?(?:turn\d+[a-z_]+\d+|[\s,;])*", re.IGNORECASE)
_MARKS = re.compile("[\ue200-\ue206]")
_CITED = re.compile("\ue200[^\ue200\ue201]{0,4000}\ue201")
_CUT = re.compile("\ue200(?:file)?cite(?:\ue202?turn\\d+[a-z]+\\d+)*")  # one whose end is missing


def read(conversation: dict[str, Any], find: Find, tally: Tally) -> Talk:
    """Return a conversation as it was shown, and its other branches."""
    nodes = _nodes(conversation, tally)
    chain = _chain(nodes, text(conversation.get("current_node")))
    turns = tuple(_said(nodes, chain, find, tally))
    branches = [tuple(_said(nodes, keys, find, tally)) for keys in _branches(nodes, chain)]
    times = [when_ms(mapped(node.get("message")).get("create_time")) for node in nodes.values()]
    created = when_ms(conversation.get("create_time")) or min(filter(None, times), default=0)
    return Talk(
        text(conversation.get("conversation_id") or conversation.get("id")),
        line(conversation.get("title")),
        turns,
        tuple(filter(None, branches)),
        created,
        when_ms(conversation.get("update_time")) or max((*times, created)),
    )


def _nodes(conversation: dict[str, Any], tally: Tally) -> dict[str, dict[str, Any]]:
    """Return the conversation's turns by id; one that is damaged says nothing, but others still hang on it."""
    nodes: dict[str, dict[str, Any]] = {}
    for key, node in mapped(conversation.get("mapping")).items():
        nodes[str(key)] = mapped(node)
        if not isinstance(node, dict) or (node.get("message") is not None and not isinstance(node["message"], dict)):
            tally.leave(MESSAGE, "damaged in the export")
            nodes[str(key)] = {**nodes[str(key)], "message": None}
    return nodes


def _chain(nodes: dict[str, dict[str, Any]], at: str) -> list[str]:
    """Return the branch that ends here, from its beginning; an export may be damaged: no circles."""
    at = at if at in nodes else next(reversed(nodes), "")
    chain: dict[str, None] = {}
    while at in nodes and at not in chain:
        chain[at] = None
        at = text(nodes[at].get("parent"))
    return list(reversed(chain))


def _branches(nodes: dict[str, dict[str, Any]], chain: list[str]) -> Iterator[list[str]]:
    """Give each branch that is not shown, from where it leaves another to its end."""
    below: dict[str, list[str]] = {}
    for key, node in nodes.items():
        below.setdefault(text(node.get("parent")), []).append(key)
    seen = set(chain)
    starts = [key for key, node in nodes.items() if _begins(text(node.get("parent")), seen, nodes)]
    waiting = [key for key in (*nodes, *reversed(starts)) if key not in seen]  # the last first; circles last of all
    while waiting:
        at = waiting.pop()
        branch: list[str] = []
        while at and at not in seen:
            seen.add(at)
            branch.append(at)
            later = [key for key in below.get(at, ()) if key not in seen]
            waiting += reversed(later[1:])
            at = later[0] if later else ""
        if branch:
            yield branch


def _begins(above: str, seen: Collection[str], nodes: Collection[str]) -> bool:
    """Whether a branch begins below this turn: the turn was shown, or is none."""
    return above in seen or above not in nodes


def _said(nodes: dict[str, dict[str, Any]], keys: list[str], find: Find, tally: Tally) -> Iterator[str]:
    for key in keys:
        message = nodes[key].get("message")
        if isinstance(message, dict) and (piece := _turn(message, find, tally)):
            yield piece


def _turn(message: dict[str, Any], find: Find, tally: Tally) -> str:
    """Return what is said in a turn, "" where nothing is; the tally says why."""
    content, data = mapped(message.get("content")), mapped(message.get("metadata"))
    write = partial(_part, find=find, tally=tally)
    role, kind = text(mapped(message.get("author")).get("role")), text(content.get("content_type"))
    why = _unsaid(message, role, kind)
    if why == CALLS and text(message.get("recipient")).startswith("canmore."):
        tally.take(MESSAGE)
        return spoken(ASSISTANT, _canvas(text(content.get("text")) or "\n\n".join(_plain(content))))
    if why == RESULTS:
        pictures = [part for part in listed(content.get("parts")) if mapped(part).get("content_type") == _PICTURE]
        if pictures:
            tally.take(MESSAGE)
            _count_rest(content, len(pictures), tally)
            return spoken(ASSISTANT, "\n\n".join(map(write, pictures)))
    if why:
        tally.leave(MESSAGE, why)
        return ""
    pieces = list(map(write, listed(content.get("parts"))))
    if not listed(content.get("parts")):
        pieces = [_other(content, kind)]
    pieces += _attached(data, "\n".join(pieces), find, tally)
    speech = "\n\n".join(filter(None, map(str.strip, pieces)))
    if role == "assistant":
        speech = _without_marks(speech, data)
    if not speech.strip():
        tally.leave(MESSAGE, "empty")
        return ""
    tally.take(MESSAGE)
    return spoken(WHO[role], speech)


def _unsaid(message: dict[str, Any], role: str, kind: str) -> str:
    """Return why a turn is no speech, "" where it is."""
    data = mapped(message.get("metadata"))
    if kind in _CONTEXT or data.get("is_user_system_message"):
        return _CONTEXT.get(kind, _CONTEXT["user_editable_context"])
    if data.get("is_visually_hidden_from_conversation"):
        return HIDDEN
    if role in ("system", "developer"):
        return "of the system"
    if kind in _THINKING or message.get("channel") == "analysis":
        return THOUGHTS
    if role == "tool":
        return RESULTS
    if kind == "system_error":
        return "errors of the service"
    if role not in WHO:
        return "of nobody who is known"
    recipient = text(message.get("recipient"))
    if role == "assistant" and recipient not in ("", "all"):
        return CALLS
    return RESULTS if kind in ("execution_output", "tether_browsing_display") else ""


def _part(part: object, find: Find, tally: Tally) -> str:
    """Return one part of a turn in Markdown."""
    if isinstance(part, str):
        if part.strip():
            tally.take(PART)
        else:
            tally.leave(PART, "empty")
        return text(part)
    known = mapped(part)
    kind = text(known.get("content_type"))
    pointer = known.get("asset_pointer") or mapped(known.get("audio_asset_pointer")).get("asset_pointer")
    if pointer or kind.endswith("asset_pointer"):
        tally.take(PART)
        frames = listed(known.get("frames_asset_pointers"))
        for frame in (*frames, known.get("video_container_asset_pointer")):
            if frame:
                tally.leave(ATTACHMENT, "pictures of a video call")
        name = "picture" if kind == _PICTURE else "recording"
        return shown(name, text(pointer), find, tally, embedded=kind == _PICTURE)
    words = text(known.get("text")) or text(known.get("content"))
    if words.strip():
        tally.take(PART)
        return words
    tally.leave(PART, f"of a kind that is not known{f' ({line(kind, 40)})' if kind else ''}")
    return ""


def _other(content: dict[str, Any], kind: str) -> str:
    """Return what a turn without parts says."""
    words = text(content.get("text")) or text(content.get("content")) or text(content.get("result"))
    if kind == "code":
        language = text(content.get("language"))
        return fenced(words, "" if language == "unknown" else language) if words.strip() else ""
    if kind == "tether_quote" and words.strip():
        lines = "\n".join(map("> {}".format, words.strip().splitlines()))
        source = line(content.get("title")) or line(content.get("url"), 400)
        return f"{lines}\n>\n> {source}" if source else lines
    return words


def _plain(content: dict[str, Any]) -> list[str]:
    return list(map(text, listed(content.get("parts"))))


def _count_rest(content: dict[str, Any], shown_count: int, tally: Tally) -> None:
    tally.leave(PART, RESULTS, len(listed(content.get("parts"))) - shown_count)


def _attached(data: dict[str, Any], speech: str, find: Find, tally: Tally) -> list[str]:
    """Return links to what was attached to a turn, where they do not stand there as pictures."""
    missing, linked = list[str](), links(speech)
    for attachment in listed(data.get("attachments")):
        known = mapped(attachment)
        name, number = line(known.get("name"), 200), text(known.get("id"))
        link = find(number) or (find(name) if name else "")
        if link not in linked:
            missing.append(shown(name, number, find, tally, embedded=False))
    return missing


def _canvas(call: str) -> str:
    """Return what the assistant wrote into a document beside the conversation, from its call."""
    try:
        known = mapped(json.loads(call, strict=False))
    except (ValueError, RecursionError):
        known = {}
    kind, name = text(known.get("type")), line(known.get("name"))
    language = kind.partition("/")[2] if kind.startswith("code/") else ""
    if content := text(known.get("content")):
        return document(name or "Document", content, language)
    changes = _texts(known.get("updates"), "replacement")
    if changes:
        return "\n\n".join(map(partial(document, "Document, changed"), changes))
    remarks = _texts(known.get("comments"), "comment")
    if remarks:
        return "\n".join(map("- {}".format, remarks))
    return fenced(call)


def _texts(entries: object, key: str) -> list[str]:
    """Return what the entries say under this key, but for those that say nothing."""
    values = (mapped(entry).get(key) for entry in listed(entries))
    return list(filter(None, map(text, values)))


def _without_marks(speech: str, data: dict[str, Any]) -> str:
    """Return the text with its marks for the page (U+E200 to U+E206) as links, or as the words in them, or gone."""
    if not _MARKS.search(speech):
        return speech
    places: dict[str, str] = {}
    for reference in map(mapped, listed(data.get("content_references"))):
        places[text(reference.get("matched_text"))] = _links(reference)
    speech = _CITED.sub(lambda mark: places.get(mark[0]) or _named(mark[0]), speech)
    return _MARKS.sub("", _CUT.sub("", speech))


def _links(known: dict[str, Any]) -> str:
    links = []
    for item in (*listed(known.get("items")), known):
        address = line(mapped(item).get("url"), 1000)
        if address.startswith(("https://", "http://")) and not re.search(r"[\s<>]", address):
            title = re.sub(r"[\[\]]", "", line(mapped(item).get("title"))) or address.split("/")[2]
            links.append(f"[{title}](<{address}>)")
    return f" ({', '.join(dict.fromkeys(links))})" if links else ""


def _named(marked: str) -> str:
    """Return the words for the person in a mark: of a name, or of an address; "" of a reference alone."""
    kind, *fields = marked.strip("\ue200\ue201").split("\ue202")
    if kind == "entity" and fields:
        try:
            return text([*listed(json.loads(fields[0])), "", ""][1])
        except (ValueError, RecursionError):
            return ""
    if kind in ("url", "link_title") and fields and not _REFERENCE.fullmatch(fields[0]):
        return fields[0]
    if "\ue202" not in marked and marked.startswith("\ue200") and not _REFERENCE.fullmatch(kind):
        return kind  # no mark that is known: its words stay
    return ""
