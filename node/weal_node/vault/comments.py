"""Remarks that a person writes for themself: %% ... %% of Obsidian, <!-- ... --> of HTML. Neither shown nor sent; the file keeps them. Pure, linear.

One that is never closed goes to the end. In code the signs are code; but only where two ways of looking agree that it is (this module's,
line by line, and the parser's, by blocks): where they do not, too much is kept here rather than too little.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from markdown_it import MarkdownIt

MARKS = {"%%": "%%", "<!--": "-->"}
PIECE = 800  # characters of a remark in the index, below what a passage holds (text/passages.py)
_MARK = re.compile(r"%%|<!--")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_RUN = re.compile(r"`+")
_UNSURE = re.compile(r"\\`|<|\[\[|\$")  # what may take a backtick before code does
_ENDS = {"%%": "%%", "<!--": "-->"}
PARSER = MarkdownIt("commonmark", {"html": False})
PARSER.core.ruler.enableOnly(["normalize", "block"])

Span = tuple[int, int]


def has(text: str) -> bool:
    """Whether there can be any."""
    return "%%" in text or "<!--" in text


def without(body: str) -> str:
    """Return a body without its remarks; the lines that they ended still end, so that line numbers hold."""
    pieces, at = [], 0
    for start, end in places(body):
        inside = body[start:end] if end < len(body) else ""
        pieces += [body[at:start], "".join(re.findall(r"\r\n|\r|\n", inside))]
        at = end
    return "".join((*pieces, body[at:])) if pieces else body


def outgoing(front: str) -> str:
    """Return front matter without the remarks that begin and end on one of its lines."""
    return "\n".join(map(_line_without, front.split("\n"))) if has(front) else front


def _line_without(line: str) -> str:
    """Return a line without the remarks that begin and end on it. One that has no end is looked for once, however often it begins."""
    pieces, at, endless = list[str](), 0, set[str]()
    for mark in _MARK.finditer(line):
        if mark.start() < at or mark[0] in endless:
            continue
        end = line.find(_ENDS[mark[0]], mark.end())
        if end < 0:
            endless.add(mark[0])
            continue
        pieces.append(line[at : mark.start()])
        at = end + len(_ENDS[mark[0]])
    return "".join((*pieces, line[at:]))


def of(body: str) -> tuple[str, ...]:
    """Return the remarks of a body as they stand there, each whole."""
    return tuple(body[start:end] for start, end in places(body))


def apart(body: str) -> str:
    """Return a body with its remarks before it, in paragraphs that are each one whole remark: cut between paragraphs, every piece shows
    which of its words are for nobody else. Before it, for behind a block of code that never ends they would be code."""
    remarks = of(body)
    if not remarks:
        return body
    pieces: list[str] = []
    for remark in remarks:
        pieces += _pieces(" ".join(re.sub(r"%%|<!--|-->", " ", remark).split()))
    return "\n\n".join((*map("%%{}%%".format, pieces), without(body).lstrip()))


def kept(text: str, before: str) -> str:
    """Return a text that replaces `before`, with those remarks of it at the end that the text lacks: nobody else could know them."""
    lost = [_closed(remark) for remark in of(before) if remark not in text]
    return "\n\n".join((text.rstrip("\n"), *lost)) + "\n" if lost else text


def _closed(remark: str) -> str:
    """Return a remark with its end, where it had none."""
    return remark if remark.endswith(("%%", "-->")) and len(remark) > 3 else f"{remark}%%"


def _pieces(words: str) -> Iterator[str]:
    while words:
        end = len(words) if len(words) <= PIECE else words.rfind(" ", 1, PIECE)
        end = end if end > 0 else PIECE
        yield words[:end].strip()
        words = words[end:].lstrip()


def places(body: str) -> list[Span]:
    """Return where remarks begin and end, in order."""
    if not has(body):
        return []
    coded, spans = _coded(body), list[Span]()
    at, fence, loose, missing = 0, "", False, set[str]()
    for number, line in enumerate(_LINE.finditer(body)):
        if at >= line.end():
            continue
        text, is_code = line[0].rstrip("\r\n"), number in coded
        fence, was_fenced = _fenced(text, fence if is_code else "") if at <= line.start() else ("", False)
        if is_code and was_fenced:
            continue
        ranges, loose = _code(text, line.start(), loose and bool(text.strip()))
        for mark in _MARK.finditer(body, max(at, line.start()), line.end()):
            if mark.start() < at or _among(ranges, mark.start(), mark.end()):
                continue
            closing = MARKS[mark[0]]
            end = body.find(closing, mark.end()) if closing not in missing else -1
            if end < 0:
                missing.add(closing)
                if closing != "%%" and body[line.start() : mark.start()].strip():
                    continue  # an arrow in a sentence
            at = len(body) if end < 0 else end + len(closing)
            spans.append((mark.start(), at))
            if _among(ranges, mark.start(), at):
                ranges = []  # what a remark has a part of is no code, and what follows is unsure
    return spans


def _among(ranges: list[Span], start: int, end: int) -> bool:
    """Whether any of these, which are in order and apart, has a part of what stands from start to end."""
    number = bisect_right(ranges, start, key=itemgetter(1))
    return number < len(ranges) and ranges[number][0] < end


def _fenced(line: str, fence: str) -> tuple[str, bool]:
    """Return the fence that is open after this line, and whether the line is in one."""
    opening = _FENCE.match(line)
    if fence:
        closes = opening is not None and opening[1].startswith(fence) and not opening[2].strip()
        return ("" if closes else fence), True
    if opening is None or (opening[1][0] == "`" and "`" in opening[2]):
        return "", False
    return opening[1], True


def _code(line: str, start: int, loose: bool) -> tuple[list[Span], bool]:
    """Return where code stands in a line, and whether some may go on in the next; none where anything is unsure."""
    if "`" not in line:
        return [], loose
    runs = list(_RUN.finditer(line))
    after, nexts = dict[int, int](), list[int]()
    for number in range(len(runs) - 1, -1, -1):
        size = len(runs[number][0])
        nexts.append(after.get(size, -1))
        after[size] = number
    nexts.reverse()
    ranges, number = list[Span](), 0
    while number < len(runs):
        close = nexts[number]
        if close < 0:
            return [], True
        ranges.append((start + runs[number].start(), start + runs[close].end()))
        number = close + 1
    return ([], loose) if loose or _UNSURE.search(line) else (ranges, False)


def _coded(body: str) -> frozenset[int]:
    """Return the numbers of the lines that the parser takes for blocks of code."""
    numbers: set[int] = set()
    for block in PARSER.parse(body):
        if block.type in ("fence", "code_block") and block.map:
            numbers.update(range(*block.map))
    return frozenset(numbers)
