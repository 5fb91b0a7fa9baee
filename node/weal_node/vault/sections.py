"""Parts of a note that a link or an embed names: what stands below a heading, or one block that ends with ^name. Pure, linear."""

import re

from weal_protocol import letters

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]++(.*)$")
BLOCK = re.compile(r"(?:^|(?<=\s))\^([A-Za-z0-9-]{1,64})[ \t]*$")
_MARKUP = re.compile(r"[*_`~=\[\]|]+")


def anchor(fragment: str) -> str:
    """Return the id, on a page, of what #heading or #^block names."""
    last = fragment.rsplit("#", 1)[-1].strip()
    if last.startswith("^"):
        return f"n-b-{last[1:65].casefold()}"
    return f"n-h-{_key(last)[:120]}"


def part(body: str, fragment: str) -> str | None:
    """Return what a fragment names in a body, with its heading; None where nothing has this name."""
    last = fragment.rsplit("#", 1)[-1].strip()
    lines = body.splitlines()
    return _block(lines, last[1:].casefold()) if last.startswith("^") else _below(lines, _key(last))


def _key(heading: str) -> str:
    plain = letters.normal("NFKC", _MARKUP.sub("", heading)).casefold()
    return re.sub(r"\W+", "-", plain).strip("-")


def _below(lines: list[str], key: str) -> str | None:
    section, depth, fence = list[str](), 0, ""
    for line in lines:
        begins = _FENCE.match(line)
        fence = ("" if begins[1].startswith(fence) else fence) if begins and fence else begins[1] if begins else fence
        heading = None if fence or begins else _HEADING.match(line)
        if heading and depth and len(heading[1]) <= depth:
            break
        if heading and not depth and _key(_words(heading[2])) == key:
            depth = len(heading[1])
        if depth:
            section.append(line)
    return "\n".join(section) if depth else None


def _words(heading: str) -> str:
    """Return what a heading says without the signs that may close it (CommonMark 4.2)."""
    bare = heading.rstrip(" \t")
    closed = bare.rstrip("#")
    return closed.rstrip(" \t") if closed != bare and closed[-1:] in ("", " ", "\t") else bare


def _block(lines: list[str], key: str) -> str | None:
    for number, line in enumerate(lines):
        name = BLOCK.search(line)
        if name is None or name[1].casefold() != key:
            continue
        end = number
        if not line[: name.start()].strip():  # on a line of its own it names what stands above
            end = number - 1
            while end > 0 and not lines[end].strip():
                end -= 1
        begin = end
        while begin > 0 and lines[begin - 1].strip() and not re.match(r"\s*(?:[-*+]|\d+[.)])\s", lines[begin]):
            begin -= 1
        text = "\n".join(lines[begin : end + 1])
        return BLOCK.sub("", text).rstrip()
    return None
