"""Markdown of a note as HTML that can do nothing: an explicit list of tags, no images, no address but http(s) and mailto."""

from collections.abc import Callable
from urllib.parse import quote, unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

WHOLE = 100_000  # characters of a text that are rendered; the rest stands as it is
BLOCK = 4_000  # characters of one paragraph
LINE = 20_000  # characters of one line
LONGEST_LINK = 200  # characters of a [[name]]
LINK = "/notes/named?name="  # where a [[name]] leads


def _wikilink(state: StateInline, silent: bool) -> bool:
    """[[name]], [[name#heading]] and [[name|words]] become links on this node; ![[picture]] becomes its name."""
    embedded = state.src.startswith("![[", state.pos)
    begin = state.pos + (3 if embedded else 2)
    if not embedded and not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", begin, begin + LONGEST_LINK + 2)
    inside = state.src[begin:end] if end > 0 else ""
    name, _, words = inside.partition("|")
    target = name.partition("#")[0].strip()
    if not inside or "\n" in inside or "[" in inside or not (target or words):
        return False
    if not silent:
        if target:
            token = state.push("link_open", "a", 1)
            token.attrs = {"href": LINK + quote(target)}
        state.push("text", "", 0).content = words.strip() or name.strip()
        if target:
            state.push("link_close", "a", -1)
    state.pos = end + 2
    return True


def _bound(state: StateCore) -> None:
    """Leave a paragraph beyond BLOCK as plain text: brackets without end take the parser time with the square of their number."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > BLOCK:
            token.type = "text"


def _addresses(state: StateCore) -> None:
    """An address without a scheme means another note: it leads there, and to no page of this node."""
    for token in (child for block in state.tokens for child in block.children or ()):
        href = str(token.attrs.get("href", ""))
        if token.type == "link_open" and not href.startswith((LINK, "http://", "https://", "mailto:")):
            name = unquote(href).partition("#")[0].partition("?")[0]
            token.attrs["href"] = f"https:{href}" if href.startswith("//") else LINK + quote(name.lstrip("./"))


def parser(wikilink: Callable[[StateInline, bool], bool], addresses: Callable[[StateCore], None]) -> MarkdownIt:
    """Return a parser that reads [[names]] by the one rule, and then leads every address where the other says."""
    made = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    made.inline.ruler.before("link", "wikilink", wikilink)
    made.core.ruler.before("inline", "bound", _bound)
    made.core.ruler.after("inline", "addresses", addresses)
    return made


_own = parser(_wikilink, _addresses)


def rendered(markdown: str, by: MarkdownIt = _own) -> Markup:
    """Return safe HTML: raw HTML in the text is shown as text, pictures as their description; a text with a line beyond
    LINE as it stands. by: reads links, as those of one's own notes unless told. Takes some seconds for a hostile text:
    call from a thread."""
    if any(len(line) > LINE for line in markdown.splitlines()):
        return Markup("<pre>{}</pre>").format(markdown)
    html = by.render(markdown[:WHOLE])
    clean = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")
    rest = Markup("<pre>{}</pre>").format(markdown[WHOLE:]) if len(markdown) > WHOLE else ""
    return Markup(clean) + rest  # noqa: S704  # cleaned two lines above
