"""Markdown of a note as HTML that can do nothing: an explicit list of tags, no address but http(s) and mailto, and no picture from
elsewhere: of one, the page shows what it is called and where it is, as a link, so that nothing is asked of anyone without a tap."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from weal_node.vault import comments
from weal_node.web.markup.dialect import LINE, Embeds, address, spoken
from weal_node.web.markup.tangled import TangledError, allowance, bounded

TAGS = {
    "a", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "input", "li", "mark", "ol", "p",
    "pre", "s", "section", "strong", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
    "math", "mfrac", "mi", "mn", "mo", "mover", "mroot", "mrow", "mspace", "msqrt", "msub", "msubsup", "msup", "mtable", "mtd", "mtext",
    "mtr", "munder", "munderover",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title", "id", "class"}, "ol": {"start", "class"}, "ul": {"class"}, "details": {"class", "open", "id"}, "section": {"class"},
    "input": {"checked", "aria-label"}, "math": {"display"}, "sup": {"class"}, "blockquote": {"class", "id"}, "p": {"class", "id"}, "li": {"class", "id"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}  # fmt: skip
CLASSES = frozenset(
    ("callout", "callout-title", "contains-task-list", "embed", "footnote-backref", "footnote-item", "footnote-ref", "footnotes", "footnotes-list",
     "task-list-item")
)  # fmt: skip
_ADDRESS = re.compile(r"https?://[^\s<>]{1,500}")
_ID = re.compile(r"n-[hb]-[\w-]*|fn(?:ref)?\d{1,6}(?::\d{1,6})?")
SCHEMES = {"http", "https", "mailto"}

WHOLE = 100_000  # characters of a text that are rendered; the rest stands as it is
BLOCK = 4_000  # characters of one paragraph
LONGEST_LINK = 200  # characters of a [[name]]
TANGLED = "This text is too tangled to be laid out, so it stands here as it was written."
PICTURES = "/pictures/"  # where the vault's own pictures are
HOST = 80  # characters of an address shown beside a picture

_PLAIN = RendererHTML()
_WIDTH = re.compile(r"(?:\d+(?:x\d+)?)?")  # which other editors write where words may stand


def _wikilink(state: StateInline, silent: bool) -> bool:
    """[[name]], [[name#heading]] and [[name|words]] become links on this node; ![[picture]] is shown where
    it is one of the vault's, else it becomes its name."""
    embedded = state.src.startswith("![[", state.pos)
    begin = state.pos + (3 if embedded else 2)
    if not embedded and not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", begin, begin + LONGEST_LINK + 2)
    inside = state.src[begin:end] if end > 0 else ""
    name, _, words = inside.partition("|")
    target, _, fragment = map(str.strip, name.partition("#"))
    if not inside or "\n" in inside or "[" in inside or not (target or fragment or words):
        return False
    here = _here(state.env, target) if embedded else ""
    if not silent and here:
        picture = state.push("image", "img", 0)
        picture.attrs, picture.meta = {"src": here, "alt": ""}, {"here": True}
        picture.children = [Token("text", "", 0, content=target if _WIDTH.fullmatch(words.strip()) else words.strip())]
    elif not silent:
        if target or fragment:
            token = state.push("link_open", "a", 1)
            token.attrs, token.meta = {"href": address(name, _beside(state.env))}, {"ready": True}
        state.push("text", "", 0).content = words.strip() or name.strip().lstrip("#^")
        if target or fragment:
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
        if (
            token.type == "link_open"
            and not token.meta.get("ready")
            and not href.startswith(("http://", "https://", "mailto:"))
        ):
            name, _, fragment = unquote(href).partition("#")
            name = name.partition("?")[0]
            to = f"{name}#{fragment}" if fragment else name
            token.attrs["href"] = f"https:{href}" if href.startswith("//") else address(to, _beside(state.env))


def _beside(env: Any) -> str:
    """Return the path of the note in which a link stands: which note it means is decided from there, when it is followed."""
    return str(env.get("beside", ""))


def _here(env: Any, name: str) -> str:
    """Return the address of a picture of this vault, "" where none of this name is shown."""
    return str(env["pictures"](name))


def _pictures(state: StateCore) -> None:
    """Show the vault's own pictures. One from elsewhere becomes a link to it, with its description; inside a link, its words."""
    for block in state.tokens:
        shown, links = list[Token](), 0
        for token in block.children or ():
            links += token.nesting if token.type in ("link_open", "link_close") else 0
            shown += _picture(state, token, links > 0) if token.type == "image" else [token]
        block.children = shown if block.children is not None else None


def _picture(state: StateCore, token: Token, in_link: bool) -> list[Token]:
    source = str(token.attrs.get("src", ""))
    try:
        address = urlsplit(f"https:{source}" if source.startswith("//") else source)
        host = (address.hostname or "")[:HOST] if address.scheme in ("http", "https") else ""
    except ValueError:
        return [_text(state, token, "picture")]
    if token.meta.get("here"):
        return [token]
    if not address.scheme and (here := _here(state.env, unquote(source))):
        token.attrs = {"src": here, "alt": ""}
        return [token]
    if in_link or not host:
        return [_text(state, token, f"picture at {host}" if host else "picture")]
    opening = Token("link_open", "a", 1, attrs={"href": address.geturl()})
    return [opening, _text(state, token, f"picture at {host}"), Token("link_close", "a", -1)]


def _text(state: StateCore, token: Token, what: str) -> Token:
    words = _PLAIN.renderInlineAsText(token.children or [], state.md.options, state.env).strip()
    return Token("text", "", 0, content=f"{words} ({what})" if words else what.capitalize())


def parser(wikilink: Callable[[StateInline, bool], bool], addresses: Callable[[StateCore], None]) -> MarkdownIt:
    """Return a parser that reads [[names]] by the one rule, and then leads every address where the other says."""
    made = spoken(MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"]))
    made.inline.ruler.before("link", "wikilink", wikilink)
    made.core.ruler.before("inline", "bound", _bound)
    made.core.ruler.after("footnote_tail", "pictures", _pictures)  # what stands in ^[...] is a block from there on
    made.core.ruler.after("pictures", "addresses", addresses)
    return bounded(made)


own_parser = parser(_wikilink, _addresses)


def rendered(
    markdown: str,
    by: MarkdownIt = own_parser,
    pictures: Callable[[str], str] | None = None,
    embeds: Embeds | None = None,
    beside: str = "",
) -> Markup:
    """Return safe HTML: raw HTML in the text is shown as text, a picture from elsewhere as a link to it; a text with a line
    beyond LINE as it stands. by: reads links, as those of one's own notes unless told. pictures: gives the address below
    PICTURES of a picture by the name in the text, "" where none is shown; without it none is. embeds: gives the note that a
    name means, whose text is shown in the place of ![[name]]; without it that is a link. beside: the path of the note, from
    which its links are followed. Remarks are not shown. What makes the parser more work than its length is worth stands as it
    is, and says so; still, a long text takes a second: call from a thread."""
    markdown = comments.without(markdown)
    if any(len(line) > LINE for line in markdown.splitlines()):
        return Markup("<pre>{}</pre>").format(markdown)
    env = allowance(markdown[:WHOLE]) | _environment(by, pictures, embeds, beside)
    try:
        html = by.render(markdown[:WHOLE], env)
    except TangledError:
        return Markup("<p>{}</p><pre>{}</pre>").format(TANGLED, markdown)
    rest = Markup("<pre>{}</pre>").format(markdown[WHOLE:]) if len(markdown) > WHOLE else ""
    return _cleaned(html, bool(pictures)) + rest


def inline(text: str, by: MarkdownIt = own_parser, beside: str = "") -> Markup:
    """Return one line of Markdown, such as a property, as safe HTML; its [[links]] and addresses lead where those of a text do."""
    if _ADDRESS.fullmatch(text):
        text = f"<{text}>"  # alone it is nothing else
    env = allowance(text[:BLOCK]) | _environment(by, None, None, beside)
    try:
        return _cleaned(by.renderInline(text[:BLOCK], env), pictures=False)
    except TangledError:
        return Markup("{}").format(text)


def _environment(
    by: MarkdownIt, pictures: Callable[[str], str] | None, embeds: Embeds | None, beside: str
) -> dict[str, Any]:
    given = {"by": by, "pictures": pictures or _none, "beside": beside}
    return given | {"embeds": embeds} if embeds else given


def _none(_name: str) -> str:
    return ""


def _cleaned(html: str, pictures: bool) -> Markup:
    clean = nh3.clean(
        html,
        tags=TAGS | {"img"} if pictures else TAGS,
        attributes=ATTRIBUTES | {"img": {"src", "alt"}} if pictures else ATTRIBUTES,
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
        attribute_filter=_of_this_node,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704  # cleaned above


def _of_this_node(tag: str, name: str, value: str) -> str | None:
    """Let a picture come from nowhere else, whatever the parser made of a text, and no name be one that a page itself uses."""
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES) or None
    if name == "id":
        return value if _ID.fullmatch(value) else None
    return None if (tag, name) == ("img", "src") and not value.startswith(PICTURES) else value
