"""References: every link that a body says outside of code, in any way of writing one. Pure, linear.

[[target#heading|shown]], ![[target]], [shown](target.md), [shown](<target with blanks.md> "title"), [shown][key] with [key]: target.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

LONGEST = 400  # characters of a target
_WIKI = re.compile(r"(!?)\[\[([^\[\]|\n]{1,400})(?:\|([^\[\]\n]{0,400}))?\]\]")
_INLINE = re.compile(
    r"\]\([ \t]*(?:<([^<>\n]{1,400})>|((?:[^\s()<>]|\\[()]|\([^\s()<>]{0,200}\)){1,400}))"
    r"(?:[ \t]+(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\([^()\n]{0,200}\)))?[ \t]*\)"
)
_DEFINED = re.compile(r"^ {0,3}\[(?!\^)[^\[\]\n]{1,200}\]:[ \t]*(?:<([^<>\n]{1,400})>|(\S{1,400}))", re.MULTILINE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_OTHER = re.compile(r"\.(?!(?:md|markdown|txt)$)[a-z][a-z0-9]{0,4}$", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


@dataclass(frozen=True, slots=True)
class Reference:
    """A link as it is written. target: without its heading, "" for a place in the same note.  heading: without the #.
    embedded: whether the note is to be shown here.  wiki: whether it stands in [[ ]]."""

    target: str
    heading: str = ""
    embedded: bool = False
    wiki: bool = True


def found(text: str) -> tuple[Reference, ...]:
    """Return the links of a text, which has no code in it, each once, in order; none to elsewhere (https:, mailto:)."""
    places = [(match.start(), _wiki(match)) for match in _WIKI.finditer(text)]
    for pattern in (_INLINE, _DEFINED):
        places += [(match.start(), plain(match[1] or match[2])) for match in pattern.finditer(text)]
    places.sort(key=lambda pair: pair[0])
    return tuple(dict.fromkeys(reference for _, reference in places if reference is not None))


def plain(address: str) -> Reference | None:
    """Return what the address of a Markdown link leads to, None where that is elsewhere."""
    if _SCHEME.match(address):
        return None
    path, _, heading = _ESCAPED.sub(r"\1", address).partition("#")
    target = unquote(path.partition("?")[0]).strip()
    return Reference(target, unquote(heading).strip(), wiki=False) if target or heading else None


def of_notes(text: str) -> tuple[str, ...]:
    """Return what may be notes among the targets of a text, each once, in order; no pictures, nor other files by their ending."""
    notes = [reference.target for reference in found(text) if _may_be_note(reference)]
    return tuple(dict.fromkeys(notes))


def _may_be_note(reference: Reference) -> bool:
    if not reference.target:
        return False
    return not _OTHER.search(reference.target) or (reference.wiki and not reference.embedded)


def _wiki(match: re.Match[str]) -> Reference | None:
    whole = match[2].strip().rstrip("\\").strip()  # in a table the bar before the words is written \|
    target, _, heading = map(str.strip, whole.partition("#"))
    if not heading:
        target = whole  # C#
    return Reference(target, heading, bool(match[1])) if target or heading else None
