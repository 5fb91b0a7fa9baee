"""What writers of Obsidian use beside CommonMark: callouts, tasks, footnotes, ==marks==, names of headings and blocks, embeds, formulas.

Only tokens are made here; what becomes of them is cleaned in rendering.py like everything else.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from weal_node.vault import comments, sections
from weal_node.web.markup import mathematics
from weal_node.web.markup.tangled import TangledError, allowance

DEEPEST = 4  # embeds in embeds
MOST_EMBEDDED = 24  # embeds of one page
MOST_CHARACTERS = 100_000  # of all of them together
LINE = 20_000  # characters of one line of a text that is parsed
LINK = "/notes/named?name="  # where a [[name]] leads
_CALLOUT = re.compile(r"\[!([A-Za-z][\w-]{0,30})(?:\|[^\]\n]{0,40})?\]([+-]?)(?:[ \t]+|(?=\n)|$)(.*)")
_TASK = re.compile(r"\[([ xX/><!?*-])\](?=[ \t])")
_EMBED = re.compile(r"!\[\[([^\[\]\n|]{1,200})(?:\|[^\[\]\n]{0,200})?\]\][ \t]*$")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A note that another shows. key: names it for good.  address: of its page.  path: its own, from which its links are
    followed.  text: what of it is meant, Markdown."""

    key: str
    address: str
    path: str
    title: str
    text: str


Embeds = Callable[[str, str], Embedded | None]  # by name, and the path of the note in which it stands


def spoken(made: MarkdownIt) -> MarkdownIt:
    """Let a parser understand the dialect; return it."""
    made.use(footnote_plugin)
    made.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    made.inline.ruler.before("emphasis", "mark", _mark)
    made.block.ruler.before("fence", "embed", _embed, {"alt": ["paragraph", "blockquote", "list"]})
    made.core.ruler.after("block", "callouts", _callouts)
    made.core.ruler.after("inline", "names", _names)
    made.core.ruler.after("inline", "tasks", _tasks)
    made.add_render_rule("embed", _embedded)
    for name in ("math_inline", "math_inline_double", "math_block"):
        made.add_render_rule(name, _formula)
    return made


def _mark(state: StateInline, silent: bool) -> bool:
    """==words== are marked."""
    begin, most = state.pos + 2, state.posMax
    if not state.src.startswith("==", state.pos) or state.src[begin : begin + 1] in ("", " ", "=", "\n"):
        return False
    end = state.src.find("==", begin, most)
    if end <= begin or state.src[end - 1] in " \n":
        return False
    if not silent:
        state.push("mark_open", "mark", 1)
        state.pos, state.posMax = begin, end
        state.md.inline.tokenize(state)
        state.push("mark_close", "mark", -1)
    state.pos, state.posMax = end + 2, most
    return True


def _callouts(state: StateCore) -> None:
    """Make a quotation that begins with [!kind] a callout: with a title, and to fold where its sign says so."""
    made, closing = list[Token](), list[str]()
    tokens, at = state.tokens, 0
    while at < len(tokens):
        token = tokens[at]
        first = tokens[at + 2] if token.type == "blockquote_open" and at + 2 < len(tokens) else None
        callout = _CALLOUT.match(first.content) if first is not None and first.type == "inline" else None
        if token.type == "blockquote_open":
            closing.append("details" if callout and callout[2] else "blockquote")
        if token.type == "blockquote_close" and closing:
            token.tag = closing.pop()
        made.append(token)
        at += 1
        if callout and first is not None:
            made += _titled(token, callout)
            first.content = first.content[callout.end() :].lstrip("\n")
            at += 0 if first.content else 3
    state.tokens = made


def _titled(opening: Token, callout: re.Match[str]) -> list[Token]:
    """Return the title of a callout, having made its opening what it is."""
    opening.attrs = {"class": "callout"}
    if callout[2]:
        opening.tag = "details"
        opening.attrs |= {"open": ""} if callout[2] == "+" else {}
    tag, level = ("summary" if callout[2] else "p"), opening.level + 1
    words = callout[3].strip() or callout[1].replace("-", " ").capitalize()
    begins = Token(
        "callout_title_open", tag, 1, block=True, level=level, attrs={} if callout[2] else {"class": "callout-title"}
    )
    title = Token("inline", "", 0, content=words, children=[], block=True, level=level + 1)
    return [begins, title, Token("callout_title_close", tag, -1, block=True, level=level)]


def _names(state: StateCore) -> None:
    """Give headings, and blocks that end with ^name, an id by which a link on the page finds them."""
    opened = list[Token]()
    for token in state.tokens:
        if token.nesting == 1:
            opened.append(token)
        elif token.nesting == -1 and opened:
            opened.pop()
        elif token.type == "inline" and opened:
            if opened[-1].type == "heading_open":
                opened[-1].attrSet("id", sections.anchor(token.content))
            last = token.children[-1] if token.children else None
            name = sections.BLOCK.search(last.content) if last is not None and last.type == "text" else None
            if last is not None and name is not None:
                last.content = last.content[: name.start()].rstrip()
                block = next((outer for outer in reversed(opened) if not outer.hidden), opened[-1])
                block.attrSet("id", sections.anchor(f"^{name[1]}"))


def _tasks(state: StateCore) -> None:
    """An item of a list that begins with [ ] or [x] is a task: its box is shown, and changed in the editor.

    mdit-py-plugins has this too, in a time that grows with the square of a list: 6,000 tasks took it 15 s."""
    lists, items = list[Token](), list[Token]()
    before: Token | None = None
    for token in state.tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            items.append(token)
        elif token.type == "list_item_close":
            items.pop()
        elif token.type == "paragraph_open" and before is not None and before.type == "list_item_open":
            before = token
            continue
        elif token.type == "inline" and before is not None and before.type == "paragraph_open":
            _boxed(token, items[-1], lists[-1])
        before = token if token.type == "list_item_open" else None


def _boxed(inline: Token, item: Token, within: Token) -> None:
    """Put a box before the first words of an item, where they begin with one."""
    words = inline.children[0] if inline.children else None
    box = _TASK.match(words.content) if words is not None and words.type == "text" else None
    if words is None or box is None or inline.children is None:
        return
    words.content = words.content[3:]
    told = 'aria-label="not done"' if box[1] == " " else 'checked aria-label="done"'
    inline.children.insert(0, Token("html_inline", "", 0, content=f'<input type="checkbox" disabled {told}>'))
    item.attrJoin("class", "task-list-item")
    within.attrSet("class", "contains-task-list")


def _embed(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """A line that is ![[note]], where there is one of this name: its text stands there."""
    if state.is_code_block(start) or "embeds" not in state.env:
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    named = _EMBED.match(line)
    if named is None or state.env["embeds"](named[1].strip(), state.env.get("beside", "")) is None:
        return False
    if not silent:
        state.push("embed", "", 0).content = named[1].strip()
        state.line = start + 1
    return True


def _embedded(_self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    """Return the text of a note within another: not deeper than DEEPEST, never itself, and no more than a page can bear."""
    note = env["embeds"](tokens[at].content, env.get("beside", ""))
    if note is None:
        return f"<p>{escape(tokens[at].content)}</p>"
    link = f'<a href="{escape(note.address)}">{escape(note.title)}</a>'
    above, room = env.get("above", ()), env.setdefault("room", [MOST_EMBEDDED, MOST_CHARACTERS])
    room[0] -= 1
    room[1] -= len(note.text)
    too_long = any(len(line) > LINE for line in note.text.splitlines())
    if note.key in above or len(above) >= DEEPEST or min(room) < 0 or too_long:
        return f"<p>{link}</p>"
    within = {
        "embeds": env["embeds"],
        "pictures": env["pictures"],
        "beside": note.path,
        "above": (*above, note.key),
        "room": room,
        "by": env["by"],
    }
    text = comments.without(note.text)
    try:
        shown = env["by"].render(text, allowance(text) | within)
    except TangledError:
        shown = f"<pre>{escape(text)}</pre>"
    return f'<blockquote class="embed"><p class="callout-title">{link}</p>{shown}</blockquote>'


def _formula(_self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    env["formulas"] = env.get("formulas", 0) + 1
    display = tokens[at].type != "math_inline"
    made = mathematics.converted(tokens[at].content.strip(), display, env["formulas"] - 1)
    return f"<p>{made}</p>" if tokens[at].type == "math_block" else made


def address(name: str, beside: str = "") -> str:
    """Return where a [[name]], with #heading or #^block behind it or nothing but that, leads from the note at `beside`."""
    target, sign, fragment = name.partition("#")
    here = f"#{quote(sections.anchor(fragment))}" if sign and fragment.strip() else ""
    return here if here and not target.strip() else f"{LINK}{quote(target.strip())}{_from(beside)}{here}"


def _from(beside: str) -> str:
    return f"&from={quote(beside)}" if beside else ""
