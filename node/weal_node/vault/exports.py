"""The export of conversations as its files: which of them hold conversations, what lies beside them, and the files they show.

ChatGPT: conversations.json, or conversations-000.json and on; pictures and recordings named by their id, in folders or not.
Claude: conversations.json, projects.json, memories.json. What gives no note is counted with its reason.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from weal_node.errors import VaultError
from weal_node.vault import conversations, json_values, naming, pictures
from weal_node.vault.json_values import Broken
from weal_node.vault.tally import CONVERSATION, FILE, Tally
from weal_node.vault.tree import SourceFile, Tree, UnreadableError

FOLDER = "attachments"
JSONS = (".json", ".jsonl")
CONVERSATIONS = re.compile(r"conversations?[-_. ()0-9a-f]*\.jsonl?", re.IGNORECASE)
_ID = re.compile(r"file[-_][0-9A-Za-z]+")
_UNLINKED = re.compile(r"[\[\]|#^\s]+")
_OTHERS = {
    "chat.html": "the same conversations as a page",
    "user.json": "your account at the service",
    "users.json": "your account at the service",
    "shared_conversations.json": "a list of the conversations that you shared",
    "message_feedback.json": "your thumbs up and down",
    "model_comparisons.json": "your votes between two answers",
    "export_manifest.json": "a list of the export's files",
}
_GIVING = ("projects.json", "memories.json")  # where an account has no conversation left
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """What cannot be taken. name: where it stands.  why: in words that follow a colon.  unit: of the tally."""

    name: str
    why: str
    unit: str = FILE


class Assets:
    """The files of an export that conversations show. shown: their entries and paths, once a conversation named them."""

    def __init__(self, tree: Tree, entries: Iterable[SourceFile]) -> None:
        self._tree = tree
        self.shown: dict[str, str] = {}
        self._by_id: dict[str, SourceFile] = {}
        self._by_last: dict[str, SourceFile] = {}
        self._paths: dict[str, str] = {}
        self._taken: set[str] = set()
        for entry in entries:
            self._by_last.setdefault(naming.fold(entry.last), entry)
            for number in _ID.findall(entry.last)[:1]:
                self._by_id.setdefault(number, entry)

    def find(self, name: str) -> str:
        """Return the link to the file of this id or name, "" where the export does not hold it."""
        name = name[:1_000]
        number = next(iter(_ID.findall(name)[-1:]), "")
        last = naming.fold(name.rsplit("/", 1)[-1])
        entry = self._by_id.get(number) or (self._by_last.get(last) if last else None)
        if entry is None or entry.fault:
            return ""
        if entry.name not in self.shown:
            self.shown[entry.name] = f"{FOLDER}/{self._called(entry)}"
        return self.shown[entry.name]

    def _called(self, entry: SourceFile) -> str:
        name = naming.file_path(_UNLINKED.sub("_", entry.last))
        if name.lower().endswith((".dat", ".bin")) or "." not in name:
            try:
                with self._tree.opened(entry) as file:
                    name = name.removesuffix(".dat").removesuffix(".bin") + _ENDINGS.get(
                        pictures.kind(file.read(16)), name[-4:] if "." in name else ""
                    )
            except UnreadableError:
                pass
        number, free = 2, name
        while naming.fold(free) in self._taken:
            free, number = naming.numbered(name, number), number + 1
        self._taken.add(naming.fold(free))
        return free


def holding(tree: Tree) -> list[SourceFile]:
    """Return the files that hold conversations by their names: at the top, or anywhere in what holds no texts. Where none has such
    a name, and there is JSON and no text, all of that: programs that save one conversation name its file after it."""
    if len(tree.entries) == 1 and tree.entries[0].name.lower().endswith(JSONS):
        return tree.entries
    named = [entry for entry in tree.entries if CONVERSATIONS.fullmatch(entry.last)]
    at_top = [entry for entry in named if "/" not in entry.name]
    if at_top or any(map(_is_text, tree.entries)):
        return at_top
    return named or [entry for entry in tree.entries if is_read(entry) and entry.last.lower() not in _OTHERS]


def kind(tree: Tree, files: list[SourceFile]) -> str:
    """Return whose export this is, "chatgpt" or "claude"; VaultError where nothing in these files is a conversation."""
    why = ""
    beside = [entry for entry in tree.entries if entry.last.lower() in _GIVING and entry not in files]
    for entry in (*files, *beside):
        try:
            with tree.opened(entry) as file:
                for value in _members(json_values.values(file)):
                    if whose := conversations.kind(value) or ("claude" if conversations.beside(value) else ""):
                        return whose
                    why = why or (value.why if isinstance(value, Broken) else conversations.why_none(value))
        except UnreadableError as fault:
            why = why or fault.what
    raise VaultError(
        f"this is no export of conversations that is known: {why or 'it is empty'}",
        "ChatGPT's or Claude's conversations.json",
    )


def read(tree: Tree, tally: Tally, assets: Assets) -> Iterator[conversations.Written | RefusedPart]:
    """Give the notes of all conversations, and one Refused for each that cannot be read, with its place."""
    sure = {entry.name for entry in holding(tree)}
    for entry in tree.entries:
        if not is_read(entry) and entry.name not in sure:
            continue
        if (why := _OTHERS.get(entry.last.lower())) and entry.name not in sure:
            tally.leave(FILE, why)
            continue
        conversations_read = 0
        try:
            with tree.opened(entry) as file:
                for number, value in enumerate(_members(json_values.values(file)), start=1):
                    place = f"{entry.name}, no. {number}"
                    if isinstance(value, dict) and (conversations.kind(value) or conversations.beside(value)):
                        conversations_read += 1
                        yield from conversations.notes(value, assets.find, tally)
                    elif entry.name in sure:
                        why = value.why if isinstance(value, Broken) else conversations.why_none(value)
                        yield RefusedPart(place, why, CONVERSATION)
        except UnreadableError as fault:
            yield RefusedPart(entry.name, fault.what)
            continue
        if conversations_read or entry.name in sure:
            tally.take(FILE)
        else:
            tally.leave(FILE, "JSON in which no conversation stands")


def is_read(entry: SourceFile) -> bool:
    """Whether `read` looks into a file of this name, or counts it."""
    last = entry.last.lower()
    return not is_asset(entry) and (last.endswith(JSONS) or last in _OTHERS)


def _is_text(entry: SourceFile) -> bool:
    return entry.name.lower().endswith(naming.TEXTS) and not is_asset(entry)


def is_asset(entry: SourceFile) -> bool:
    """Whether a file is called by an id, as those are that conversations show."""
    return _ID.match(entry.last) is not None


def _members(values: Iterable[object]) -> Iterator[object]:
    """Give each value, and of an object that only holds a list of conversations its members."""
    for value in values:
        inner = value.values() if isinstance(value, dict) and not conversations.kind(value) else ()
        lists = [entry for entry in inner if isinstance(entry, list) and any(map(conversations.kind, entry))]
        yield from chain.from_iterable(lists) if lists else (value,)
