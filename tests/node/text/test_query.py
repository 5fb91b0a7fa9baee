"""What a person types is a question, and nothing of it is a command."""

import sqlite3
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.text.query import Query, expression, parse, written
from weal_protocol.errors import WealError


def test_filters_stand_among_the_words() -> None:
    found = parse(
        'Piano "low  pressure" #Home/Garden author:ben is:public in:others since:2026-01-01 until:2026-01-01', UTC
    )
    assert found.terms == ("piano", "low pressure")
    assert found.text == "Piano low  pressure"
    assert (found.tag, found.author, found.visibility, found.scope) == ("home/garden", "ben", "public", "others")
    assert (found.since_ms, found.until_ms) == (1_767_225_600_000, 1_767_225_600_000 + 86_400_000)


def test_a_form_says_the_same_as_typing_it() -> None:
    assert written({"q": "piano", "tag": "music", "author": " ", "is": "public"}) == "piano tag:music is:public"
    assert parse(written({"q": "piano", "tag": "music"})) == Query("piano", ("piano",), tag="music")


@pytest.mark.parametrize("text", ["is:secret", "in:space", "since:yesterday", "until:2026-02-31", "since:0000-01-01"])
def test_a_bad_filter_is_named(text: str) -> None:
    with pytest.raises(WealError):
        parse(text)


@pytest.mark.slow
@given(st.text(max_size=500))
def test_whatever_is_typed_is_a_question_that_the_index_can_be_asked(text: str) -> None:
    try:
        terms = parse(text).terms
    except WealError:
        return
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5 (text)")
        if terms:
            for operator in ("AND", "OR"):
                connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (expression(terms, operator),)).fetchall()
    connection.close()
