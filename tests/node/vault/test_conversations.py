"""Conversations as notes: all that was said, nothing that was not, and a count of everything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.vault import chatgpt, conversations
from weal_node.vault.tally import CONVERSATION, MESSAGE, PART, Tally

ROLES = ("user", "assistant", "system", "tool", "developer", "robot")
KINDS = (
    "text", "multimodal_text", "code", "execution_output", "tether_quote", "tether_browsing_display", "thoughts",
    "reasoning_recap", "system_error", "user_editable_context", "model_editable_context", "of_tomorrow",
)  # fmt: skip
BLOCKS = ("text", "thinking", "tool_use", "tool_result", "voice_note", "of_tomorrow")


def nowhere(_given: str) -> str:
    return ""


def read(*exported: Any) -> tuple[str, Tally]:
    tally = Tally()
    notes = [one for value in exported for one in conversations.notes(value, nowhere, tally)]
    return "\n".join(one.content.decode() for one in notes), tally


def message(role: str, *parts: Any, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"author": {"role": role}, "content": {"content_type": kind, "parts": list(parts)}, **more}


def talk(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A conversation of messages one after the other; one with a parent of its own says after which it comes."""
    nodes = {
        str(number): {"parent": one.pop("after", str(number - 1)), "message": one}
        for number, one in enumerate(messages)
    }
    return {"title": "Talk", "id": "t", "mapping": nodes, **more}


@st.composite
def chatgpts(draw: st.DrawFn) -> dict[str, Any]:
    messages = []
    for number in range(draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(KINDS))
        word = f"word{number}x"
        content: dict[str, Any] = {"content_type": kind}
        if draw(st.booleans()):
            content["parts"] = [word, *draw(st.lists(st.sampled_from([{"odd": 1}, "", {"text": word}, 7]), max_size=2))]
        else:
            content["text"] = word
        messages.append(
            {
                "author": {"role": draw(st.sampled_from(ROLES))},
                "content": content,
                "recipient": draw(st.sampled_from(["all", "all", "web.run", "python"])),
                "metadata": {"is_visually_hidden_from_conversation": True} if draw(st.integers(0, 4)) == 0 else {},
                "after": str(draw(st.integers(-1, max(0, number - 1)))),
            }
        )
    return talk(*messages, current_node=str(draw(st.integers(-1, len(messages)))))


@given(chatgpts())
def test_of_every_message_its_words_stand_there_or_it_is_counted(one: dict[str, Any]) -> None:
    messages = [node["message"] for node in one["mapping"].values()]
    text, tally = read(one)
    assert tally.all_of(MESSAGE) == len(messages)
    assert tally.all_of(CONVERSATION) == 1
    words = [f"word{number}x" for number in range(len(messages)) if f"word{number}x" in text]
    assert len(words) == tally.taken[MESSAGE]
    for number, given_message in enumerate(messages):
        spoken = given_message["author"]["role"] in ("user", "assistant")
        called = given_message["author"]["role"] == "assistant" and given_message["recipient"] != "all"
        if not spoken or called or given_message["metadata"]:
            assert f"word{number}x" not in text


@st.composite
def claudes(draw: st.DrawFn) -> dict[str, Any]:
    messages = []
    for number in range(draw(st.integers(1, 10))):
        blocks = [
            {"type": draw(st.sampled_from(BLOCKS)), "text": f"word{number}x{place}x"}
            for place in range(draw(st.integers(0, 3)))
        ]
        messages.append(
            {
                "uuid": str(number),
                "sender": draw(st.sampled_from(["human", "assistant", "robot"])),
                "text": draw(st.sampled_from(["", f"flat{number}x"])),
                "content": blocks,
                **({"parent_message_uuid": str(draw(st.integers(-1, max(0, number - 1))))} if draw(st.booleans()) else {}),
            }
        )  # fmt: skip
    return {"uuid": "u", "name": "Talk", "chat_messages": messages}


@given(claudes())
def test_the_same_of_claude_and_of_every_part(one: dict[str, Any]) -> None:
    text, tally = read(one)
    messages = one["chat_messages"]
    assert tally.all_of(MESSAGE) == len(messages)
    for number, known in enumerate(messages):
        if known["sender"] == "robot":
            assert f"word{number}x" not in text
            continue
        assert not known["text"] or f"flat{number}x" in text
        for place, block in enumerate(known["content"]):
            assert (f"word{number}x{place}x" in text) == (block["type"] in ("text", "voice_note", "of_tomorrow"))
    known_ones = [known for known in messages if known["sender"] != "robot"]
    assert tally.all_of(PART) == sum(len(known["content"]) for known in known_ones)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["mapping", "message", "content", "parts", "author", "parent", "chat_messages", "attachments", "files", "docs"]),
    inner,
), max_leaves=30))  # fmt: skip
def test_any_shape_gives_notes_or_nothing_and_never_a_fault(value: Any) -> None:
    for exported in ({"mapping": {"a": value, "b": {"message": value}}}, {"chat_messages": [value]}, {"docs": [value]}):
        text, tally = read(exported)
        json.dumps([text, sum(tally.taken.values())])


def test_a_branch_that_was_left_stands_below_the_one_that_was_shown() -> None:
    one = talk(
        message("user", "plan a walk"),
        message("assistant", "to the lake"),
        message("assistant", "to the hill", after="0"),
        message("user", "how high", after="2"),
        current_node="1",
    )
    text, _ = read(one)
    shown, _, others = text.partition("## Other branches")
    assert "to the lake" in shown
    assert "to the hill" not in shown
    assert others.index("to the hill") < others.index("how high")


def test_what_a_tool_wrote_for_the_person_is_words_and_what_it_was_called_with_is_not() -> None:
    code = json.dumps({"name": "Counter", "type": "code/python", "content": "a = 1\nb = ```2```"})
    change = json.dumps({"updates": [{"pattern": ".*", "multiple": False, "replacement": "Second\n\ndraft"}]})
    one = talk(
        {"author": {"role": "assistant"}, "recipient": "canmore.create_textdoc", "content": {"content_type": "code", "text": code}},
        {"author": {"role": "assistant"}, "recipient": "canmore.update_textdoc", "content": {"content_type": "code", "text": change}},
        {"author": {"role": "assistant"}, "recipient": "canmore.create_textdoc", "content": {"content_type": "code", "text": "{broken"}},
        {"author": {"role": "assistant"}, "recipient": "python", "content": {"content_type": "code", "text": "secret_call()"}},
    )  # fmt: skip
    text, tally = read(one)
    assert "````python\na = 1\nb = ```2```\n````" in text
    assert "Second\n\ndraft" in text
    assert "{broken" in text
    assert "secret_call" not in text
    assert tally.left[MESSAGE, chatgpt.CALLS] == 1


def test_marks_for_the_page_become_links_or_go_and_a_persons_own_signs_stay() -> None:
    mark, cut = "\ue200cite\ue202turn0search3\ue201", "\ue200cite\ue202turn1news2"
    entity = '\ue200entity\ue202["place","Lake Orta","a lake"]\ue201'
    references = [{"matched_text": mark, "items": [{"title": "On [lakes]", "url": "https://lakes.example/a_(b)"}]}]
    one = talk(
        message("user", "my icon \ue200 stays"),
        message("assistant", f"Deep.{mark} Cold.{cut} See {entity}. \ue203Loud\ue204", metadata={"content_references": references}),
    )  # fmt: skip
    text, _ = read(one)
    assert "my icon \ue200 stays" in text
    assert "Deep. ([On lakes](<https://lakes.example/a_(b)>)) Cold. See Lake Orta. Loud" in text


def test_voice_and_pictures_are_words_links_or_counted() -> None:
    pictures = {"file-Ab1": "attachments/file-Ab1.png", "sediment://file_c2": "attachments/file_c2.wav"}
    tally = Tally()
    one = talk(
        message(
            "user",
            {"content_type": "audio_transcription", "text": "spoken words", "direction": "in"},
            {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_c2"},
            {"content_type": "image_asset_pointer", "asset_pointer": "file-gone"},
            kind="multimodal_text",
        ),
        message("tool", {"content_type": "image_asset_pointer", "asset_pointer": "file-Ab1"}, "drawn", kind="multimodal_text"),
    )  # fmt: skip
    text = "".join(
        note.content.decode() for note in conversations.notes(one, lambda name: pictures.get(name, ""), tally)
    )
    assert "spoken words" in text
    assert "[[attachments/file_c2.wav]]" in text
    assert "![[attachments/file-Ab1.png]]" in text
    assert "not in the export" in text
    assert tally.taken["attachment"] == 2
    assert tally.all_of("attachment") == 3


def test_attachments_artifacts_and_old_artifacts_of_claude_are_words() -> None:
    attached = [{"file_name": "list.csv", "extracted_content": "milk,2\nbread,1"}]
    made = {
        "type": "tool_use",
        "name": "artifacts",
        "input": {"command": "create", "type": "text/markdown", "title": "Plan", "content": "# Day\n\nwalk"},
    }
    filed = {"type": "tool_use", "name": "create_file", "input": {"path": "/tmp/app.py", "file_text": "print(1)"}}
    searched = {"type": "tool_use", "name": "web_search", "input": {"query": "unsaid"}}
    old = '<antThinking>hm</antThinking>Here: <antArtifact type="application/vnd.ant.code" language="rust" title="M">fn m()</antArtifact> done'
    one = {"uuid": "u", "chat_messages": [
        {"sender": "human", "text": "shop", "attachments": attached, "files": [{"file_name": "photo.jpg"}]},
        {"sender": "assistant", "text": "ok\n```\nThis block is not supported on your current device yet.\n```", "content": [{"type": "text", "text": "ok"}, made, filed, searched]},
        {"sender": "assistant", "text": old},
    ]}  # fmt: skip
    text, tally = read(one)
    for words in (
        "milk,2\nbread,1",
        "*Plan*\n\n# Day\n\nwalk",
        "```py\nprint(1)\n```",
        "```rust\nfn m()\n```",
        "photo.jpg",
    ):
        assert words in text
    for words in ("unsaid", "not supported", "antArtifact", "hm</ant"):
        assert words not in text
    assert text.count("ok") == 1
    assert tally.left[PART, chatgpt.CALLS] == 1


@pytest.mark.parametrize(
    "moment", [1e12, -5e9, float("nan"), float("inf"), 10**30, True, "soon", [], None, 1_700_000_000_000]
)
def test_a_time_that_is_none_is_no_date_and_milliseconds_are_one(moment: Any) -> None:
    text, _ = read(talk(message("user", "hello"), create_time=moment))
    assert ("created: 2023-11-14" in text) == (moment == 1_700_000_000_000)
    assert "hello" in text


def test_a_long_conversation_is_several_notes_with_every_line_once() -> None:
    lines = [f"line {number}" for number in range(120_000)]
    tally = Tally()
    notes = list(conversations.notes(talk(message("user", "\n".join(lines))), nowhere, tally))
    assert len(notes) > 1
    assert all(len(one.content) < 1_000_000 for one in notes)
    found = [line for one in notes for line in one.content.decode().splitlines() if "line " in line]
    assert [line.replace("**Me:** ", "") for line in found] == lines
