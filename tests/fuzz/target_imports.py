"""What is imported, of any bytes: JSON of conversations, and archives. Only named faults come out, and everything is counted.

`fuzz_one` is for atheris (see the runner beside it) or for any other source of bytes.
"""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from weal_node.vault import sources
from weal_node.vault.sources import RefusedPart, SourceNote, SourceReading
from weal_protocol.errors import WealError

NAMES = ("conversations.json", "projects.json", "memories.json", "note.md", "a\\b.md", "../x.md", "pic.png", "x.json")
KEYS = (
    "mapping", "message", "parent", "children", "author", "role", "recipient", "channel", "metadata", "content", "content_type",
    "parts", "text", "language", "create_time", "update_time", "current_node", "title", "id", "asset_pointer", "attachments",
    "content_references", "matched_text", "items", "url", "name", "type", "updates", "replacement", "is_visually_hidden_from_conversation",
    "uuid", "chat_messages", "sender", "files", "file_name", "file_uuid", "extracted_content", "parent_message_uuid", "input",
    "file_text", "new_str", "docs", "filename", "prompt_template", "conversations_memory", "project_memories", "a", "b", "thoughts",
)  # fmt: skip
WORDS = (
    "user", "assistant", "tool", "system", "human", "all", "canmore.create_textdoc", "canmore.update_textdoc", "text", "code",
    "multimodal_text", "image_asset_pointer", "audio_transcription", "tether_quote", "tool_use", "tool_result", "thinking", "artifacts",
    "voice_note", "a", "b", "\ue200cite\ue202turn0search0\ue201", "\ue200entity\ue202[1]\ue201", "<antArtifact title=\"x\">",
    "</antArtifact>", "{\"content\": \"x\"}", "\ud800", "2024-05-01T10:00:00Z", "file-AbC", "https://example.org", "```", "",
)  # fmt: skip
SEEDS = (
    b"g\x01" + bytes(range(256)),
    b"g\x00" + bytes(reversed(range(256))),
    b"j" + json.dumps([{"title": "t", "mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": ["w"]}}}}}]).encode(),
    b"j" + json.dumps({"uuid": "u", "chat_messages": [{"sender": "human", "content": [{"type": "text", "text": "w"}]}]}).encode(),
    b"z\x00\x00\x10\x00[{\"mapping\": {}}]" + b"\x03\x00\x05\x00words",
    b"r" + b"PK\x05\x06" + bytes(18),
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """Read what these bytes stand for; a fault without a name, or something that nobody counted, is an error."""
    kind, rest = data[:1], data[1:]
    with tempfile.TemporaryDirectory(prefix="weal-fuzz-") as folder:
        place = Path(folder, "in.zip")
        if kind == b"g":
            place = Path(folder, "conversations.json")
            place.write_text(json.dumps(_export(rest)))
        elif kind == b"z":
            place.write_bytes(_archive(rest))
        elif kind == b"r":
            place.write_bytes(rest)
        else:
            place = Path(folder, "conversations.json")
            place.write_bytes(rest)
        try:
            reading = SourceReading(sources.recognise(place))
        except WealError as fault:
            if not (fault.what and fault.hint):
                raise
            return
        try:
            _read(reading)
        finally:
            reading.close()


def _read(reading: SourceReading) -> None:
    notes = list(reading.notes())
    files = list(reading.files())
    for one in notes:
        if isinstance(one, SourceNote):
            assert one.path.endswith(".md")
            assert not {"", ".", ".."} & set(one.path.split("/"))
            one.content.decode()
        else:
            assert one.why
    refused = sum(isinstance(one, RefusedPart) and one.unit == "file" for one in (*notes, *files))
    shown = sum(not isinstance(one, RefusedPart) for one in files)
    listed = len(reading.tree.entries) + sum(reading.tree.left.values())
    assert reading.tally.all_of("file") + refused + shown == listed


def _export(data: bytes) -> object:
    """Return an export that the bytes choose: its keys and words are those of real ones, its shapes are any."""
    given = iter(data)
    found: list[object] = []
    while (first := next(given, None)) is not None and len(found) < 20:
        found.append({"mapping" if first % 2 else "chat_messages": _any(given, 0), **_object(given, 1)})
    return found


def _any(given: Iterator[int], depth: int) -> object:
    choice = next(given, 0)
    if choice < 100 and depth < 8:
        return _object(given, depth) if choice < 60 else [_any(given, depth + 1) for _ in range(next(given, 0) % 5)]
    odd = (None, True, -1, 10**18, 1e300, float("nan"), 10**25, 1_700_000_000.5)
    return odd[choice % len(odd)] if choice > 220 else WORDS[choice % len(WORDS)]


def _object(given: Iterator[int], depth: int) -> dict[str, object]:
    return {KEYS[next(given, 0) % len(KEYS)]: _any(given, depth + 1) for _ in range(next(given, 0) % 7)}


def _archive(data: bytes) -> bytes:
    """Return a zip archive of files whose names and contents the bytes choose: a name's number, a flag, a length, a content."""
    packed, at = io.BytesIO(), 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        while at + 4 <= len(data):
            number, flag, size = data[at], data[at + 1], int.from_bytes(data[at + 2 : at + 4], "little")
            name = (
                NAMES[number % len(NAMES)] if flag < 128 else data[at + 4 : at + 4 + flag % 32].decode("cp437") or "n"
            )
            content = data[at + 4 : at + 4 + size]
            at += 4 + size
            if f"{name}\n" not in {f"{one}\n" for one in archive.namelist()}:
                archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()
