"""Where a file's front matter begins and ends, and what only looks like it. Pure, linear.

Read as front matter is what stands between two lines of three dashes, blanks behind them or not, from the first line on. What a person
seems to have meant so, and no parser of ours takes, is named: no default of a folder may widen what stands there.
"""

import re
import unicodedata
from dataclasses import dataclass

from weal_node.errors import VaultError
from weal_protocol import letters

MAX_FRONT_BYTES = 32 * 1024
FENCE = "---"
BYTE_ORDER_MARK = "\ufeff"
LOOKED_AT = 4_096  # characters in which a head is looked for
NEXT = 8  # lines below a fence, not counting empty ones, in which a key would stand
# As editors end lines: no form feed, no U+2028. What YAML takes for the end of a line beside these ends no front matter.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_RULE = re.compile(r"(?:-[- ]*|\+{2,}|;{2,}|%{2,}|<!-+)(?: ?(?:ya?ml|toml|json))?(?: #.*)?")
_CODE = re.compile(r"(?:`{3,}|~{3,}) ?[\w-]*")
_KEYED = re.compile(r"[\"'{]?[^\W\d][\w .-]{0,40}[\"']? ?(?::(?: |$)|=)")
_OBJECT = re.compile(r"\{ ?(?:[\"']|[\w-]+ ?:|$)")


@dataclass(frozen=True, slots=True)
class SplitFile:
    """The four pieces of a file, as they stand: opening fence, lines between the fences, closing fence, body."""

    opening: str
    front: str
    closing: str
    body: str

    @property
    def text(self) -> str:
        """The file's text, character for character."""
        return self.opening + self.front + self.closing + self.body


def split(text: str, path: str) -> SplitFile:
    """Separate front matter and body; VaultError when the front matter is opened and never closed, too large, or only looks like it."""
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    first = _LINE.match(text, len(mark))
    if first is None or not _is_fence(first[0]):
        if odd := pretended(text):
            raise VaultError(
                f"{path}: it begins with what looks like front matter and is none that can be read, at {odd[:60]!r}",
                "Write it from the first line on, as key: value between two lines of ---, or take it out",
            )
        return SplitFile(mark, "", "", text.removeprefix(mark))
    for line in _LINE.finditer(text, first.end()):
        if _is_fence(line[0]):
            front = text[first.end() : line.start()]
            if len(front.encode(errors="replace")) > MAX_FRONT_BYTES:
                raise VaultError(f"{path}: the front matter is larger than {MAX_FRONT_BYTES // 1024} KiB", "Shorten it")
            return SplitFile(text[: first.end()], front, line[0], text[line.end() :])
    raise VaultError(f"{path}: the front matter that begins in line 1 has no closing ---", "Add a line with ---")


def _is_fence(line: str) -> bool:
    return line.rstrip(" \t\r\n") == FENCE


def pretended(text: str) -> str:
    """Return the line in which something begins that was meant as front matter and is none, "" where nothing does."""
    begin = text[:LOOKED_AT]
    lines = list(filter(None, map(seen, _LINE.findall(begin))))[: NEXT + 2]
    if not lines:
        return ""
    first, after = lines[0], lines[1:]
    if _CODE.fullmatch(first):  # a page about code may begin with some; one with a whole head in a frame is meant
        return first if after and _RULE.fullmatch(after[0]) and any(map(_KEYED.match, after[1:])) else ""
    if _OBJECT.match(first):
        more = first[1:].strip() or (after[0] if after else "")
        return first if more.startswith(('"', "'", "}")) or _KEYED.match(more) else ""
    return first if _RULE.fullmatch(first) and any(map(_KEYED.match, after)) else ""


def seen(text: str) -> str:
    """Return text as a person sees it: wide and odd letters as plain ones, every dash as -, nothing that has no width, single blanks."""
    if not text.isascii():
        text = "".join(map(_plain, letters.normal("NFKC", text)))
    return " ".join(text.split())


def _plain(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Pd" or letter == "\u2212":
        return "-"
    return "" if kind in ("Cf", "Cc", "Mn") and letter not in "\t\n\r" else letter
