"""The quick reader and the YAML parser never disagree: what it reads, it reads as YAML does; what it cannot, it leaves."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.records import Note, Visibility
from weal_node.vault import front, markdown
from weal_protocol import front_matter

words = st.text(st.sampled_from(list("ab9Z_/.+()- ~nulé#:,[]\"'\\{}&*!|>%@?\t")), max_size=12)
lines = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(["id", "title", "a-b", "null", "x y", "1"]), words),
    st.builds("{}: [{}]".format, st.sampled_from(["tags", "x"]), st.lists(words, max_size=3).map(", ".join)),
    st.builds('{}: "{}"'.format, st.sampled_from(["title", "x"]), words),
    st.sampled_from(["tags:", "needs:", "", "  - a", "- b", '  - "q\\n"', "  x: y", "# c", "null"]),
    st.builds("  - {}".format, words),
)


@pytest.mark.slow
@given(st.lists(lines, max_size=6).map("\n".join), st.sampled_from(["", "\n"]))
@settings(max_examples=examples(1_500), deadline=None)
def test_both_readers_agree(text: str, end: str) -> None:
    quick = front.plain(text + end)
    if quick is not None:
        try:
            slow = front_matter.load(text + end) or {}
        except yaml.YAMLError as fault:
            raise AssertionError(f"the parser refuses what was read: {text!r}") from fault
        assert quick == slow


def test_what_we_and_obsidian_write_is_read_quickly() -> None:
    note = Note("1" * 32, "n.md", 'A "title": with all', "Body", Visibility.PUBLIC, ("x, 2 hours",), ("y: z",))
    written = markdown.write(note, b"---\ntags: [a, b/c]\ncreated: 2024-05-01\naliases:\n  - One two\n---\n").decode()
    found = front.plain(markdown.split(written, "n.md").front)
    assert found is not None
    assert (found["title"], found["tags"], found["aliases"]) == ('A "title": with all', ["a", "b/c"], ["One two"])
