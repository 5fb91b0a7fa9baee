"""Whatever a server says is a text or a named fault; what a model thinks is no part of its answer."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.outbound.answers import THOUGHTS, ModelError, read, refusal, spoken


def answer(message: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"choices": [{"message": message} | more]}).encode()


@pytest.mark.parametrize(
    "content",
    [
        "Ask Ben.",
        "<think>\nBen? Or Ada?\n</think>\n\nAsk Ben.",
        "<THINK>x</THINK>Ask Ben.",
        "Ben or Ada ...</think>Ask Ben.",
        "<thinking>a <think> b</think></thinking>Ask Ben.",
        "Ask <think>whom?</think>Ben.",
        "[THINK]x[/THINK]Ask Ben.",
        "Ask Ben.<think>and then",
        "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>Ask Ben.",
        [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "Ask "}, {"type": "text", "text": "Ben."}],
    ],
)
def test_the_answer_is_what_was_said(content: object) -> None:
    assert read(answer({"content": content}))[0] == "Ask Ben."


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": "", "reasoning": "hm"}, "only thought"),
        ({"content": None, "reasoning_content": "hm"}, "only thought"),
        ({"content": "<think>hm"}, "only thought"),
        ({"content": "<think></think> "}, "only thought"),
        ({"content": " \n"}, "empty answer"),
        ({"content": []}, "empty answer"),
        ({"content": None}, "without text"),
        ({"content": 3}, "without text"),
        ({"content": "", "reasoning": 3}, "empty answer"),
        ({}, "cannot be read"),
    ],
)
def test_an_answer_that_is_none_is_named(message: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said) as fault:
        read(answer(message, finish_reason="length"))
    assert fault.value.hint


@given(st.lists(st.sampled_from([*(mark for pair in THOUGHTS for mark in pair), "said", " "]), max_size=12))
def test_no_mark_of_thinking_is_left_where_they_are_in_order(parts: list[str]) -> None:
    made = spoken("".join(f"<think>{part.strip('<>[]/')}</think>said" for part in parts))
    assert made == "said" * len(parts)
    spoken("".join(parts))


def test_the_worst_thoughts_cost_their_size() -> None:
    for opening, closing in THOUGHTS:
        assert spoken(opening * 100_000) == ""
        assert spoken(f"{opening}a{closing}b" * 50_000) == "b" * 50_000


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(max_size=5), lambda of: st.lists(of, max_size=3) | st.dictionaries(st.sampled_from(["error", "message", "detail", "choices", "content"]), of, max_size=3), max_leaves=8).map(lambda made: json.dumps(made).encode()))  # fmt: skip
def test_any_bytes_are_an_answer_or_a_named_fault(raw: bytes) -> None:
    fault = refusal("mine", 400, raw)
    assert fault.what.isprintable()
    assert len(fault.what) < 260
    with contextlib.suppress(ModelError):
        read(raw)
