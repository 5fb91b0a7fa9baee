"""What a body says outside of code: its heading, #tags and [[links]]; and line ends as a person's editor left them. Pure, linear."""

import re
from collections.abc import Sequence

from weal_node.vault import comments, references
from weal_protocol import letters

MOST_TAGS = 32  # found in one body
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_CODE = re.compile(r"`[^`\n]*`")
# Obsidian's tags: letters of any script, digits, signs such as faces and plants, _ - and /, not digits alone.
_TAG = re.compile("#(?<!\\S#)([\\w/\u200d\u2600-\u27bf\ufe0f\U0001f000-\U0001faff-]+)")
_COLOUR = re.compile(r"[0-9a-f]{3}|[0-9a-f]{6}|(?=[a-f]*\d)(?:[0-9a-f]{4}|[0-9a-f]{8})", re.IGNORECASE)
_HEADING = re.compile(r"^#[ \t]+(\S.*)$", re.MULTILINE)


def prose(body: str) -> str:
    """Return the body without its remarks (comments.py) and fenced blocks (CommonMark 4.5; one that is never closed goes to the end)."""
    body = comments.without(body)
    if "```" not in body and "~~~" not in body:
        return body
    lines: list[str] = []
    fence = ""
    for line in body.splitlines(keepends=True):
        fence_line = _FENCE.match(line)
        if fence:
            if fence_line and fence_line[1].startswith(fence) and not fence_line[2].strip():
                fence = ""
        elif fence_line and not (fence_line[1][0] == "`" and "`" in fence_line[2]):
            fence = fence_line[1]
        else:
            lines.append(line)
    return "".join(lines)


def _uncoded(body: str) -> str:
    text = prose(body)
    return _CODE.sub(" ", text) if "`" in text else text


def heading(body: str) -> str:
    """Return the first heading of the first level, "" for none."""
    match = _HEADING.search(prose(body))
    return match.group(1).strip() if match else ""


def tags(body: str) -> tuple[str, ...]:
    """Return the #tags of a body, each once in whatever case, in order, without the #; at most MOST_TAGS. A colour is none."""
    names = (tag.rstrip("/") for tag in _TAG.findall(_uncoded(body)))
    return each_once(list(filter(_is_tag, names)))[:MOST_TAGS]


def _is_tag(text: str) -> bool:
    has_letter = any(not letter.isnumeric() and letter not in "_-/" for letter in text)
    return has_letter and not text.startswith("/") and _COLOUR.fullmatch(text) is None


def folded(tag: str) -> str:
    """Return what tags have in common that are the same but for case, or for how their letters are composed."""
    return letters.normal("NFC", tag).casefold()


def each_once(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags, of those that are the same but for case the first."""
    firsts: dict[str, str] = {}
    for tag in tags:
        firsts.setdefault(folded(tag), tag)
    return tuple(firsts.values())


def links(body: str) -> tuple[str, ...]:
    """Return what a body links to as a note, in any way of writing a link, each once, in order."""
    return references.of_notes(_uncoded(body))


def ended(text: str, before: str) -> str:
    """Return `text`, whose line ends a form has made anew, with those of `before`: byte for byte the same where only they differ,
    else with the line end that `before` mostly has."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text == before.replace("\r\n", "\n").replace("\r", "\n"):
        return before
    return text.replace("\n", "\r\n") if windows(before) else text


def windows(text: str) -> bool:
    """Whether most lines end as Windows ends them."""
    return 2 * text.count("\r\n") > text.count("\n")
