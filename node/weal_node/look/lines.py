"""The lines of a note: what each is, without its marks, below which headings, and how much of it is somebody else's title. One linear pass."""

import re
from dataclasses import dataclass

LONGEST_LINE = 4_000  # characters of a line that are looked at
MOST_LINES = 4_000  # of a note
GAP = "…"  # where the text of somebody else's title stood
LINK_WORDS = 3  # of an external link's text, above which it is a title of theirs (look.md 2.1)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_ITEM = re.compile(r"([ \t>]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(.*)")
_BOX = re.compile(r"\[([^\[\]])\](?:[ \t]+(.*))?$")
_PICTURE = re.compile(r"!\[\[[^\[\]\n]{0,400}\]\]|!\[[^\[\]\n]{0,400}\]\([^()\n]{0,800}\)")
_EXTERNAL = re.compile(
    r"\[([^\[\]\n]{0,400})\]\(<?(?:[a-z]{2,12}:)?//[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,400})?[^()\n]{0,200}\)"
)
_WIKI = re.compile(r"\[\[([^\[\]|\n]{1,400})(?:\|([^\[\]\n]{0,400}))?\]\]")
_INTERNAL = re.compile(r"\[([^\[\]\n]{0,400})\]\([^()\n]{0,800}\)")
_ADDRESS = re.compile(r"<?\b[a-z]{2,12}://[^\s<>]{1,2000}>?")
_NOTED = re.compile(r"\[\^[^\[\]\s]{1,60}\]|(?<=\s)\^[A-Za-z0-9-]{1,60}$|</?[a-z][^<>\n]{0,200}>")
_MARKS = re.compile(r"\*+|==|~~|(?<!\w)_+|_+(?!\w)|`")
_TAG = re.compile(r"(?<!\S)#[\w/-]{1,100}")
_SIGNS = re.compile(r"[📅⏳🛫✅➕❌🔁⏫🔼🔽🔺⏬🆔⛔][️]?[ \t]{0,3}(?:\d{4}-\d\d-\d\d|every [a-z ]{1,40})?")
_FIELD = re.compile(r"[\[(]?\b(?:due|scheduled|start|created|done|completion)::[ \t]{0,3}[\d-]{0,12}[\])]?")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a note.

    kind: "heading", "item", "open" (a task not ticked), "done" (a ticked one), "quote" or "prose".
    raw: as it is written, without list marks.  text: without marks, addresses and tags; GAP where another's title stood.
    headings: above it, the outermost first.
    below: how many lines hang below it: deeper items, or lines of its paragraph after it.
    foreign: share of it that is the text of external links, 0 to 1.
    """

    number: int
    kind: str
    raw: str
    text: str
    headings: tuple[str, ...]
    below: int = 0
    foreign: float = 0.0


@dataclass(frozen=True, slots=True)
class Cut:
    """All lines of a note but empty ones, tables and blocks of code, of which there were `fences`."""

    lines: tuple[Line, ...]
    fences: int


def cut(body: str) -> Cut:
    """Return the lines of a body."""
    rows: list[tuple[int, str, int, str, tuple[str, ...]]] = []  # number, kind, depth, raw, headings
    headings: list[tuple[int, str]] = []
    fence, fences = "", 0
    for number, whole in enumerate(body.splitlines()[:MOST_LINES]):
        line = whole[:LONGEST_LINE]
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            continue
        if mark:
            fence, fences = mark[1], fences + 1
            continue
        stripped = line.strip()
        if not stripped:
            rows.append((number, "", 0, "", ()))
            continue
        if stripped.startswith("|") or set(stripped) <= set("-*_= "):
            continue
        if title := _HEADING.match(stripped):
            level = len(title[1])
            headings = [(above, text) for above, text in headings if above < level]
            rows.append((number, "heading", -level, title[2], tuple(text for _, text in headings)))
            headings.append((level, plain(title[2])[0]))
            continue
        rows.append((number, *_kind(line), tuple(text for _, text in headings)))
    return Cut(_hung(rows), fences)


def _kind(line: str) -> tuple[str, int, str]:
    """Return kind, depth and words of a line that is no heading."""
    if line.lstrip().startswith(">"):
        return "quote", 0, line.lstrip("> \t")
    item = _ITEM.match(line)
    if item is None:
        return "prose", 0, line.strip()
    depth = 1 + len(item[1].expandtabs(4))
    if box := _BOX.match(item[2].strip()):
        return ("open" if box[1] == " " else "done"), depth, (box[2] or "").strip()
    return "item", depth, item[2].strip()


def _hung(rows: list[tuple[int, str, int, str, tuple[str, ...]]]) -> tuple[Line, ...]:
    """Return rows as lines, each with how many hang below it; from the last to the first, so that each is looked at once."""
    made: list[Line] = []
    under: list[tuple[int, int]] = []  # depth and number of lines from it on, of the items that follow
    after = 0  # lines of the same paragraph that follow
    for number, kind, depth, raw, headings in reversed(rows):
        if kind in ("", "heading"):
            under, after = ([] if kind == "heading" else under), 0
        if not kind:
            continue
        below = after if kind == "prose" else 0
        if depth > 0:
            while under and under[-1][0] > depth:
                below += under.pop()[1]
            under.append((depth, below + 1))
        elif kind == "prose":
            below += sum(count for _, count in under) if raw.endswith((":", "?")) and not after else 0
            under = []
        after = after + 1 if kind == "prose" else 0
        text, foreign = plain(raw)
        made.append(Line(number, kind, raw, text, headings, below, foreign))
    return tuple(reversed(made))


def plain(raw: str) -> tuple[str, float]:
    """Return a line without marks, and the share of it that is the text of external links."""
    foreign = 0

    def outside(match: re.Match[str]) -> str:
        nonlocal foreign
        foreign += len(match[1])
        return GAP if len(match[1].split()) > LINK_WORDS else match[1]

    text = _PICTURE.sub("", raw)
    text = _EXTERNAL.sub(outside, text)
    text = _WIKI.sub(lambda match: (match[2] or match[1].rpartition("/")[2].partition("#")[0]).strip(), text)
    text = _INTERNAL.sub(r"\1", text)
    addresses = 0

    def address(match: re.Match[str]) -> str:
        nonlocal addresses
        addresses += len(match[0])
        return ""

    text = _ADDRESS.sub(address, text)
    for pattern in (_NOTED, _SIGNS, _FIELD, _MARKS, _TAG):
        text = pattern.sub("", text)
    text = " ".join(text.split())
    whole = max(1, len(text) + addresses)
    return text, min(1.0, (foreign + addresses) / whole)
