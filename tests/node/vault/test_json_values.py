"""JSON that is longer than memory, cut off, broken in places or written by another system gives what is whole in it."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import json_values
from weal_node.vault.json_values import Broken, values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def read(raw: bytes) -> list[Any]:
    return list(values(io.BytesIO(raw)))


@given(
    st.lists(JSON, max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"]),
    st.booleans(),
)
def test_a_list_gives_its_members_in_any_encoding_and_however_little_is_read_at_a_time(
    members: list[Any], encoding: str, ascii_only: bool
) -> None:
    raw = json.dumps(members, ensure_ascii=ascii_only, indent=1).encode(encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_values, "CHUNK", 3)
        assert read(raw) == members


@given(st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), min_size=1, max_size=5), st.data())
def test_what_stands_before_the_cut_is_whole_and_the_cut_is_said(members: list[Any], data: st.DataObject) -> None:
    raw = json.dumps(members).encode()
    cut = data.draw(st.integers(1, len(raw) - 1))
    *whole, last = read(raw[:cut])
    assert isinstance(last, Broken)
    found = [one for one in whole if not isinstance(one, Broken)]
    assert found == members[: len(found)]


def test_one_member_that_is_broken_costs_no_other() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    raw = (
        b'[{"a": 1}, {"b": tru, "c": "]}\\""}, '
        + deep
        + b', {"d": NaN, "e": 123456789012345678901234567890}, nonsense, {"f": "\\ud800"}]'
    )
    found = read(raw)
    assert [isinstance(one, Broken) for one in found] == [False, True, True, False, True, False]
    assert found[0] == {"a": 1}
    assert found[5] == {"f": "\ud800"}


def test_a_value_beyond_all_measure_is_gone_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "CHUNK", 100)
    monkeypatch.setattr(json_values, "MAX_VALUE", 1_000)
    raw = json.dumps([{"a": 1}, {"long": ["x" * 50] * 200}, {"b": 2}]).encode()
    found = read(raw)
    assert (found[0], found[2]) == ({"a": 1}, {"b": 2})
    assert isinstance(found[1], Broken)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"[]",
        b"]]]]",
        b"}" * 9,
        b"<html>",
        b"[,]",
        b'["',
        b"[1",
        b"\xff\xfe",
        b"\x00\x00\xfe\xff[",
        b"[" * 9_000,
    ],
)
def test_what_is_no_json_ends(raw: bytes) -> None:
    assert all(isinstance(one, Broken | int) for one in read(raw))


def test_lines_of_json_and_one_alone_give_themselves() -> None:
    assert read(b'{"a": 1}\n{"b": 2}\n') == [{"a": 1}, {"b": 2}]
    assert read(b' {"a": [1, 2]} ') == [{"a": [1, 2]}]
