"""Conformance: what writers of Obsidian write, one construct a case: (what stands in the file, what a reader finds, what they do not)."""

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.records import Note, Visibility
from weal_node.vault import markdown, properties, prose, sections, templates
from weal_node.web.markup.embedding import among
from weal_node.web.markup.rendering import inline, rendered
from weal_node.web.markup.wikilinks import linked as others
from weal_node.web.shelf import linked

CASES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "callout": ("> [!tip] Sharpen *first*\n> Then cut.", ('<blockquote class="callout">', "Sharpen <em>first</em>", "<p>Then cut.</p>"), ("[!tip]",)),
    "callout without a title": ("> [!warning]\n> Hot.", (">Warning</p>", "<p>Hot.</p>"), ("[!",)),
    "callout of a kind of one's own": ("> [!my-kind|blue] Words", (">Words</p>",), ("my-kind", "blue")),
    "callout that is folded": ("> [!note]- More\n> Inside.", ('<details class="callout">\n<summary>More</summary>', "Inside."), (" open", "[!note]", "]-")),
    "callout that is open": ("> [!note]+ More\n> Inside.", ("<details", 'open=""', "<summary>More</summary>"), ("[!note]",)),
    "callout in a callout": ("> [!a] One\n> > [!b]- Two\n> > Deep.", ("<summary>Two</summary>", ">One</p>", "Deep."), ("[!",)),
    "callout with a list": ("> [!a]\n> - [ ] one\n> - two", ('type="checkbox"', "two"), ("[!",)),
    "quotation": ("> Just said.", ("<blockquote>",), ("callout",)),
    "quotation of a link": ("> [!](x)", ("<blockquote>",), ("callout",)),
    "task": ("- [ ] plant\n- [x] water", ('type="checkbox"', 'disabled=""', 'checked=""', "plant"), ("[ ]", "[x]")),
    "task with a number": ("1. [ ] plant", ("<ol", 'type="checkbox"'), ("[ ]",)),
    "task of one's own sign": ("- [-] dropped", ('checked=""', "dropped"), ("[-]",)),
    "tasks below tasks": ("- [ ] a\n  - [x] b\n- c", ('type="checkbox"', 'checked=""'), ("[",)),
    "no task but a link": ("- [x](y)\n- [ ]", ("[ ]",), ("<input",)),
    "no task": ("[ ] plant", ("[ ] plant",), ("<input",)),
    "footnote": ("Clay[^k].\n\n[^k]: Of the *pit*.", ('href="#fn1"', 'id="fn1"', "Of the <em>pit</em>."), ("[^k]",)),
    "footnote in the line": ("Clay^[of the pit].", ('href="#fn1"', "of the pit"), ("^[",)),
    "footnote that is nowhere": ("Clay[^k].", ("[^k]",), ("<sup",)),
    "mark": ("a ==bright **b**== c", ("<mark>bright <strong>b</strong></mark>",), ("==",)),
    "no mark": ("a == b and c == d, x==", ("a == b and c == d, x==",), ("<mark",)),
    "mark in code": ("`==a==`", ("<code>==a==</code>",), ("<mark",)),
    "heading of this note": ("[[#The Pit]]\n\n## The *Pit*", ('href="#n-h-the-pit"', ">The Pit</a>", '<h2 id="n-h-the-pit">'), ("[[",)),
    "heading of another": ("[[Clay#The Pit|there]]", ('href="/notes/named?name=Clay#n-h-the-pit"', ">there</a>"), ("[[",)),
    "heading below a heading": ("[[Clay#A#B c]]", ("name=Clay#n-h-b-c",), ("[[",)),
    "heading as an address": ("[x](#The%20Pit) [y](Clay.md#A)", ('href="#n-h-the-pit"', "name=Clay.md#n-h-a"), ()),
    "block": ("Dug in May. ^may-1\n\n[[#^may-1]]", ('<p id="n-b-may-1">Dug in May.</p>', 'href="#n-b-may-1"'), ("^may-1\n", "May. ^")),
    "block in a list": ("- one ^a\n- two", ('<li id="n-b-a">one',), ("^a",)),
    "no block": ("2^a and x^", ("2^a and x^",), ("id=",)),
    "formula": ("So $a^2 + b$ holds", ("<math", "<msup>"), ("$",)),
    "formula of its own": ("$$\n\\frac{a}{b}\n$$", ('<math display="block">', "<mfrac>"), ("$$", "frac{")),
    "formula that is none": ("$\\begin{x$ here", ("\\begin{x",), ("<math",)),
    "money": ("It costs $5, then $10 more", ("$5, then $10 more",), ("<math",)),
    "diagram": ("```mermaid\ngraph TD\n  A --> B\n```", ("<pre><code>graph TD", "A --&gt; B"), ("<svg",)),
    "query of a plugin": ("```dataview\nTABLE x\n```", ("TABLE x",), ()),
    "remark": ("Clay %%of mine%% here", ("Clay", "here"), ("mine", "%%")),
    "remark over lines": ("Clay\n\n%%\nof mine\n%%\n\nhere", ("here",), ("mine", "%%")),
    "remark in code": ("`%%a%%`", ("%%a%%",), ()),
    "struck": ("~~old~~", ("<s>old</s>",), ("~~",)),
    "table with a link": ("|a|b|\n|-|-|\n|[[Clay\\|pit]]|2|", ("<table>", ">pit</a>"), ("[[", "|pit")),
    "escaped": ("\\[[a]] \\==b\\== \\$x\\$", ("==b==", "$x$"), ("<mark", "<math")),
    "tag": ("A #clay/pit day", ("#clay/pit",), ("<h1",)),
    "front matter's line": ("a\n\n---\n\nb", ("<hr>",), ()),
    "html": ("<b>x</b> <details open>", ("&lt;b&gt;", "&lt;details"), ("<details",)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_stands_in_the_file_is_what_a_reader_finds(name: str) -> None:
    source, there, absent = CASES[name]
    for html in (str(rendered(source)), str(rendered(source.replace("\n", "\r\n")))):
        assert not [one for one in there if one not in html.replace("\r", "")], html
        assert not [one for one in absent if one in html], html


def vault(*given: tuple[str, str]) -> tuple[Note, ...]:
    return tuple(
        Note(f"{n:032x}", f"{title}.md", title, body, Visibility.PRIVATE)
        for n, (title, body) in enumerate(given, start=1)
    )


def page(*given: tuple[str, str]) -> str:
    notes = vault(*given)
    return str(rendered(notes[0].body, embeds=among(notes[0], lambda name, beside: linked(notes, name, beside))))


CLAY = (
    "Clay",
    "Intro.\n\n## Pit\nDeep.\n\n### Wall\nRed.\n\n## Kiln\nHot.\n\n- one\n- two words ^two\n\nLast line. ^end\n",
)


@pytest.mark.parametrize(
    ("embed", "there", "absent"),
    [
        ("![[Clay]]", ("Intro.", "Hot.", 'class="embed"', 'href="/notes/named?name=Clay"'), ("![[",)),
        ("![[Clay#Pit]]", ("Deep.", "Red."), ("Intro.", "Hot.")),
        ("![[Clay#^two]]", ("two words",), ("one", "Last", "^two")),
        ("![[Clay#^end]]", ("Last line.",), ("two words",)),
        ("![[Clay|shown]]", ("Intro.",), ()),
        ("![[Clay#None]]", (">Clay#None</a>",), ("Intro.", 'class="embed"')),
        ("![[Nobody]]", (">Nobody</a>",), ('class="embed"',)),
        ("In a line ![[Clay]].", (">Clay</a>",), ("Intro.",)),
        ("- ![[Clay#Kiln]]", ("<li>", "Hot."), ()),
        ("> ![[Clay#Kiln]]", ("Hot.",), ()),
        ("Above\n![[Clay#Kiln]]\nbelow", ("Hot.", "<p>Above</p>", "<p>below</p>"), ()),
        ("`![[Clay]]`", ("<code>![[Clay]]</code>",), ("Intro.",)),
        ("    ![[Clay]]", ("<pre>",), ("Intro.",)),
        ("![[#Own]]\n\n# Own\nMine.", ('class="embed"', "Mine."), ()),
        ("![[Root]]", (">Root</a>",), ('class="embed"',)),
    ],
)  # fmt: skip
def test_an_embed_shows_what_it_names(embed: str, there: tuple[str, ...], absent: tuple[str, ...]) -> None:
    html = page(("Root", embed), CLAY)
    assert not [one for one in there if one not in html], html
    assert not [one for one in absent if one in html], html


def test_embeds_end_where_they_go_in_circles_too_deep_or_on_and_on() -> None:
    ring = page(("A", "![[B]]\n"), ("B", "b-text\n\n![[C]]\n"), ("C", "c-text\n\n![[A]]\n\n![[B]]\n"))
    assert (ring.count("b-text"), ring.count("c-text")) == (1, 1)
    deep = page(*((f"N{n}", f"text{n}\n\n![[N{n + 1}]]\n") for n in range(12)))
    assert "text4" in deep
    assert "text5" not in deep
    many = page(("A", "![[B]]\n\n" * 300), ("B", "![[C]]\n\n" * 300), ("C", "word " * 2_000))
    assert len(many) < 1_000_000
    assert page(("A", "![[B]]"), ("B", "x %%hidden%% <script>alert(1)</script>")).count("<script") == 0
    assert "hidden" not in page(("A", "![[B]]"), ("B", "x %%hidden%%"))


def test_of_an_embed_others_see_a_name() -> None:
    html = str(others("Above\n\n![[Clay]]\n\n![[Clay#Pit|the pit]] [[#Own]] [[#^b|there]]"))
    assert ">Clay</a>" in html
    assert ">the pit</a>" in html
    assert "![" not in html
    assert "Intro" not in html
    assert re.findall(r'href="([^"]*)"', html) == ["/topics/clay", "/topics/clay", "#n-h-own", "#n-b-b"]


@pytest.mark.parametrize(
    ("body", "tags"),
    [
        ("#Clay and #clay, #CLAY", ("Clay",)),
        ("#fff #FFFFFF #a1b2c3 #abcd1234 #0f0", ()),
        ("#123 #2024 #1-2", ()),
        ("#y2024 #2024/may #a/b/c #a-b_c", ("y2024", "2024/may", "a/b/c", "a-b_c")),
        ("a#b (x) color:#fff; https://x/#y", ()),
        ("`#code` %%#mine%%\n```\n#no\n```\n#yes", ("yes",)),
        ("#über #日本 #🌱", ("über", "日本", "🌱")),
        ("# Heading\n## Two\n#NoBlank", ("NoBlank",)),
        ("#a/ #b// #/c", ("a", "b")),
    ],
)  # fmt: skip
def test_what_is_a_tag(body: str, tags: tuple[str, ...]) -> None:
    assert prose.tags(body) == tags
    assert markdown.read(f"---\ntags: [Clay]\n---\n{body}".encode(), "n.md").tags == tuple(
        dict.fromkeys(("Clay", *(one for one in tags if one.casefold() != "clay")))
    )


@pytest.mark.parametrize(
    ("path", "text", "is_one"),
    [
        ("Templates/day.md", "---\ncreated: {{date}}\n---\n# {{title}}", True),
        ("99 Meta/_templates/x.md", "---\ncreated: {{date}}\nvisibility: public\n---\n", True),
        ("Vorlagen/tag.md", "---\ntitle: <% tp.file.title %>: x\n---\n", True),
        ("notes/day.md", "---\ncreated: {{date}}\n---\n", False),
        ("Templates/day.md", "---\ntitle: [open\n---\n", False),
    ],
)
def test_a_file_among_templates_whose_head_is_to_be_filled_in_is_no_fault(path: str, text: str, is_one: bool) -> None:
    note = markdown.read(text.encode(), path)
    assert (note.warnings == ()) is is_one
    assert (note.visibility, note.stated) == (Visibility.PRIVATE, True)
    assert note.broken
    assert templates.is_one(path, text) is is_one


def test_a_property_is_a_line_that_leads_and_does_nothing() -> None:
    assert 'href="/notes/named?name=Clay"' in inline("see [[Clay]]")
    assert 'href="https://example.org/a?b=1"' in inline("https://example.org/a?b=1")
    assert "<script" not in inline("<script>x</script> [a](javascript:1)")
    known: dict[str, Any] = {
        "id": "x",
        "made": ["a", "[[Clay]]"],
        "deep": {"of": {"it": "b"}},
        "none": None,
        "Visibility": "public",
    }
    assert properties.of(known, markdown.OURS) == (("made", ("a", "[[Clay]]")), ("deep", ("of: it: b",)))
    many = [["x"] * 300] * 300
    assert sum(len(values) for _, values in properties.of({"a": [many] * 300, "b": "y"}, ())) <= 400


pieces = st.sampled_from(
    ["> [!a]- x\n", "> ", "- [ ] ", "[^a]", "[^a]: ", "^[", "==", "$", "$$\n", "\\frac{", "![[A]]\n", "![[A#b]]", "[[#", "]]", " ^id\n", "# h\n", "%%", "```\n",
     "|a|\n|-|\n", "\n", "\n\n", "    ", "<b>", "x ", "*", "`", "\\", "^"]
)  # fmt: skip


@given(st.lists(pieces, max_size=30).map("".join))
@settings(max_examples=examples(400), deadline=None)
def test_any_mixture_is_shown_and_can_do_nothing(text: str) -> None:
    html = page(("A", text), ("B", text))
    assert not re.search(r"<(?:script|img|svg|iframe|style)", html)
    assert not re.search(r'href="(?!#|/notes/named|https?:|mailto:)', html)
    others(text)
    sections.part(text, "h")
    sections.part(text, "^id")


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["> [!a]- x\n", "[^a]", "[^a]: b\n\n", "^[", "==a ", "==a==", "$a ", "$$\n", "$x$ ", "![[B]]\n", "[[#a]] ", "x ^id\n\n", "- [ ] a\n", "> > > [!a]\n"])  # fmt: skip
def test_no_construct_costs_more_than_in_proportion(piece: str) -> None:
    began = time.process_time()
    page(("A", piece * (40_000 // len(piece))), ("B", "b"))
    assert time.process_time() - began < 10
