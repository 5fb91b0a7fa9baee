"""Notes with their [[links]] as links to topics of this node; else as rendering.py shows them."""

from urllib.parse import quote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

from weal_node.vault import topics
from weal_node.web.rendering import ATTRIBUTES, SCHEMES, TAGS

MAX_LINK = 420  # characters from [[ to ]]


def address(topic: str) -> str:
    """Return where a topic's page is."""
    return f"/topics/{quote(topic, safe='')}"


def linked(markdown: str) -> Markup:
    """Return safe HTML. A relative address that is not ours is taken away: a stranger's note leads to no page of this node."""
    clean = nh3.clean(
        _parser.render(markdown),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=_ours_or_absolute,
    )
    return Markup(clean)  # noqa: S704  # cleaned on the lines above


def _ours_or_absolute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) != ("a", "href") or value.startswith(("https://", "http://", "mailto:")):
        return value
    return value if value.startswith("/topics/") and "/" not in value.removeprefix("/topics/") else None


def _wikilink(state: StateInline, silent: bool) -> bool:
    """Read [[name]], [[name#place]] or [[name|shown]]."""
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos, state.pos + MAX_LINK)
    pieces = topics.split(state.src[state.pos : end + 2]) if end > 0 else ()
    if len(pieces) != 1 or not pieces[0][1]:
        return False
    if not silent:
        shown, topic = pieces[0]
        state.push("link_open", "a", 1).attrs = {"href": address(topic)}
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1)
    state.pos = end + 2
    return True


_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_parser.inline.ruler.before("link", "wikilink", _wikilink)
