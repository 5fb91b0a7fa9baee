"""Notes of others with their [[links]] as links to topics of this node; else as rendering.py shows one's own."""

from urllib.parse import quote

from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

from weal_node.vault import sections, topics
from weal_node.web.markup.rendering import inline, parser, rendered

MAX_LINK = 420  # characters from [[ to ]]


def address(topic: str) -> str:
    """Return where a topic's page is."""
    return f"/topics/{quote(topic, safe='')}"


def linked(markdown: str) -> Markup:
    """Return safe HTML. A relative address that is not ours is taken away: a stranger's note leads to no page of this node."""
    return rendered(markdown, _others)


def line(text: str) -> Markup:
    """Return one line of another's note, such as a property, as safe HTML."""
    return inline(text, _others)


def _wikilink(state: StateInline, silent: bool) -> bool:
    """Read [[name]], [[name#place]] or [[name|shown]]; of an embed, ![[name]], nothing but the name is shown here."""
    begin = state.pos + state.src.startswith("![[", state.pos)
    if not state.src.startswith("[[", begin):
        return False
    end = state.src.find("]]", begin, begin + MAX_LINK)
    if end > 0 and state.src.startswith("[[#", begin):
        return _place(state, state.src[begin + 3 : end], end + 2, silent)
    pieces = topics.split(state.src[begin : end + 2]) if end > 0 else ()
    if len(pieces) != 1 or not pieces[0][1]:
        return False
    if not silent:
        shown, topic = pieces[0]
        state.push("link_open", "a", 1).attrs = {"href": address(topic)}
        state.push("text", "", 0).content = shown
        state.push("link_close", "a", -1)
    state.pos = end + 2
    return True


def _place(state: StateInline, inside: str, end: int, silent: bool) -> bool:
    """Read [[#heading]] or [[#^block]]: a place of the same page."""
    fragment, _, words = inside.partition("|")
    if not fragment.strip() or "[" in inside or "\n" in inside:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": f"#{quote(sections.anchor(fragment))}"}
        state.push("text", "", 0).content = topics.plain(words or fragment).lstrip("#^")
        state.push("link_close", "a", -1)
    state.pos = end
    return True


def _ours_or_absolute(state: StateCore) -> None:
    for token in (child for block in state.tokens for child in block.children or ()):
        href = str(token.attrs.get("href", ""))
        topic = href.startswith("/topics/") and "/" not in href.removeprefix("/topics/")
        if token.type == "link_open" and not topic and not href.startswith(("https://", "http://", "mailto:", "#n-")):
            del token.attrs["href"]


_others = parser(_wikilink, _ours_or_absolute)
