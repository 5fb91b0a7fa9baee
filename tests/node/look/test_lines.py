"""Lines of a note: their kind, what stands above and below them, and whose words they are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.look.lines import GAP, cut, plain


def test_kinds_headings_and_what_hangs_below() -> None:
    body = "# Plans\n- [ ] call Tom\n- [x] pay Ilse\n- bread\n  - rye\n  - oat\n> said by others\n\nProse.\n## Later\n```\ncode\n```\n| a | b |\nMore.\n"
    made = cut(body)
    assert [(line.kind, line.text, line.headings, line.below) for line in made.lines] == [
        ("heading", "Plans", (), 0),
        ("open", "call Tom", ("Plans",), 0),
        ("done", "pay Ilse", ("Plans",), 0),
        ("item", "bread", ("Plans",), 2),
        ("item", "rye", ("Plans",), 0),
        ("item", "oat", ("Plans",), 0),
        ("quote", "said by others", ("Plans",), 0),
        ("prose", "Prose.", ("Plans",), 0),
        ("heading", "Later", ("Plans",), 0),
        ("prose", "More.", ("Plans", "Later"), 0),
    ]
    assert made.fences == 1


def test_an_outside_links_long_text_is_somebody_elses_title() -> None:
    text, foreign = plain("Read [How to want what you already have](https://example.org/a) soon")
    assert text == f"Read {GAP} soon"
    assert foreign > 0.5
    assert plain("See [the docs](https://example.org/a)")[0] == "See the docs"


def test_marks_addresses_and_tags_go_and_links_say_what_they_show() -> None:
    line = "**Call** [[People/Tom Weber|Tom]] about `jam` #todo 📅 2026-12-04 https://example.org/x ^b1"
    assert plain(line)[0] == "Call Tom about jam"


@given(st.text(alphabet="ab #-*[]()|`!>?.\n\t:/https1", max_size=300))
@settings(max_examples=examples(200), deadline=None)
def test_any_text_is_cut(text: str) -> None:
    assert all(0 <= line.foreign <= 1 and line.below >= 0 for line in cut(text).lines)
