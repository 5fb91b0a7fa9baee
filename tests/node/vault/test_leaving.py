"""What of front matter leaves: all that it says, and no remark in it, of whichever kind."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.vault import markdown
from weal_node.vault.leaving import outgoing

lines = st.sampled_from(
    [
        "# OLGA",
        "title: Kiln # OLGA",
        "tags: [clay] # OLGA",
        "about: 'C # sharp'",
        'x: "a # b"',
        "y: a#b",
        "needs:\n  - sand # OLGA\n  - clay",
        "z: |\n  # words\n  more",
        "w: v <!-- OLGA -->",
        "v: u %%OLGA%%",
    ]
)


@given(st.lists(lines, max_size=6, unique=True), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=examples(150), deadline=None)
@example(["about: 'C # sharp'", "# OLGA", "z: |\n  # words\n  more"], "\n")
def test_no_remark_of_front_matter_leaves_and_nothing_else_is_lost(front: list[str], end: str) -> None:
    text = "\n".join(["---", *front, "---", "# Kiln # here", "Words # more", ""]).replace("\n", end)
    left = outgoing(text.encode(), "n.md").decode()
    assert "OLGA" not in left
    assert left.count(end) == text.count(end), "lines keep their numbers"
    plain = "\n".join(line.replace("<!-- OLGA -->", "").replace("%%OLGA%%", "") for line in front)
    meant = markdown.fields(plain + "\n", "n.md") if front else {}
    assert markdown.apart(left, "n.md").known == meant
    assert left.endswith(f"# Kiln # here{end}Words # more{end}")
