"""Remarks stay with their writer: taken out whole, unclosed too, never out of code; and nothing else goes with them."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.text.passages import split
from weal_node.vault import comments


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("a %%x%% b", "a  b"),
        ("a\n%%\nx\n\ny\n%%\nb", "a\n\n\n\n\n\nb"),
        ("a %%x\n- y", "a "),
        ("%%x%%%%y%% a", " a"),
        ("a <!-- x\ny --> b", "a \n b"),
        ("<!-- x\ny", ""),
        ("an arrow <!-- here\nb", "an arrow <!-- here\nb"),
        ("`%%a%%` %%x%%", "`%%a%%` "),
        ("``%%a ` %%`` %%x%%", "``%%a ` %%`` "),
        ("```\n%%a%%\n```\n%%x%%", "```\n%%a%%\n```\n"),
        ("~~~sh\nprintf '%%'\n\n~~~\nb %%x", "~~~sh\nprintf '%%'\n\n~~~\nb "),
        ("```\n%%a", "```\n%%a"),
        ("- a ` b\n- c %%x%% d ` e", "- a ` b\n- c  d ` e"),  # two blocks: the backticks are none of code
        ("\\` %%x%% `", "\\`  `"),
        ("%%`%% a %%x%% `", " a  `"),
        ("- a\n  ```\n  b\n- c %%x%%", "- a\n  ```\n  b\n- c "),  # an open fence ends with its list
        ("%%\n```\n%%\na %%x%%", "\n\n\na "),
        ("a `b\nc` %%x%% `d`", "a `b\nc`  `d`"),
        ("a [[b`c]] %%x%% `d`", "a [[b`c]]  `d`"),
        ("a <http://b`c> %%x%% `", "a <http://b`c>  `"),
        ("a\r\n%% x\r\n%%\r\nb", "a\r\n\r\n\r\nb"),
        ("100 % sure, 5% % off", "100 % sure, 5% % off"),
        ("> %%x%% a", ">  a"),
        ("| a %%x%% | b |", "| a  | b |"),
        ("%%", ""),
        ("", ""),
    ],
)
def test_a_remark_is_taken_out_and_nothing_else(body: str, shown: str) -> None:
    assert comments.without(body) == shown
    assert "x" not in comments.without(body).replace("\\x", "")


words = st.sampled_from(
    [
        "a ",
        "b\n",
        "\n",
        "\n\n",
        "- ",
        "> ",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "%%",
        "%% ",
        "<!--",
        "-->",
        "    ",
        "[[",
        "]]",
        "\\",
        "$",
        "|",
        "\r\n",
        "# ",
    ]
)


@given(st.lists(words, max_size=24).map("".join))
@settings(max_examples=examples(800), deadline=None)
def test_what_is_left_and_what_is_taken_are_the_whole(body: str) -> None:
    left = comments.without(body)
    spans = comments.places(body)
    assert all(start < end for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert len(re.findall(r"\r\n|\r|\n", left)) <= len(re.findall(r"\r\n|\r|\n", body))
    assert comments.kept(left, body) == left or all(
        one.rstrip("%") in comments.kept(left, body) for one in comments.of(body)
    )


@given(st.lists(words, max_size=16).map("".join), st.lists(words, max_size=16).map("".join))
@settings(max_examples=examples(800), deadline=None)
def test_a_remark_alone_on_its_lines_never_stays_outside_of_fences(before: str, after: str) -> None:
    body = f"{before}\n\n%%\nSECRET\n%%\n\n{after}"
    blocks = {
        number
        for one in comments.PARSER.parse(body)
        if one.type in ("fence", "code_block") and one.map
        for number in range(*one.map)
    }
    place = body[: body.index("SECRET")].count("\n")
    if place not in blocks and "%%" not in before and "<!--" not in before:
        assert "SECRET" not in comments.without(body)


@given(st.lists(st.text("ab %\n`", max_size=1_200), max_size=3))
@settings(max_examples=examples(200), deadline=None)
def test_every_piece_of_the_index_shows_what_is_a_remark(texts: list[str]) -> None:
    body = "\n\n".join(f"Words.\n\n%% SECRET {text} SECRET %%" for text in texts)
    for piece in split(comments.apart(body)):
        assert "SECRET" not in comments.without(piece) or "SECRET" in comments.without(body)


@pytest.mark.slow
def test_no_text_costs_more_than_in_proportion() -> None:
    began = time.process_time()
    for piece in ("%%", "`", "%%`", "` %%", "<!--", "%%\n", "``\n", "` `` ", "```\n%%\n", "> %%\n", "`%%` ", "- %%"):
        comments.without(piece * (200_000 // len(piece)))
    assert time.process_time() - began < 60
