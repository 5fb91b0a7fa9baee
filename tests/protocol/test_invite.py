"""Invites: one word that holds all its parts, or a named fault."""

import base64
import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol.errors import MalformedError
from weal_protocol.invite import LATER, PREFIX, Invite, parse
from weal_protocol.terms import Terms

GOOD = Invite("commons", "127.0.0.1:8640", "[::1]:8641", "ab" * 32, "cd" * 32, "code")


def packed(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


@given(st.text(min_size=1, max_size=80), st.text(max_size=60), st.integers(1, 65_535))
def test_what_was_made_is_read(community: str, code: str, port: int) -> None:
    made = replace(GOOD, community=community, code=code, grpc=f"example.org:{port}")
    if len(made.text) <= 2_000:
        assert parse(made.text) == made


def test_line_breaks_from_a_mail_program_do_no_harm() -> None:
    broken = f"  {GOOD.text[:40]}\r\n {GOOD.text[40:]}\n"
    assert parse(broken) == GOOD


@given(st.text(max_size=300))
def test_any_text_is_a_named_fault(text: str) -> None:
    for attempt in (text, PREFIX + text):
        with pytest.raises(MalformedError):
            parse(attempt)


@given(st.binary(max_size=400))
def test_any_content_is_a_named_fault(content: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(packed(content))


@pytest.mark.parametrize(
    "content", [b"[" * 1_400, b'{"a":' * 280, b"9" * 1_400, b"NaN", b'"x"', b"[]", b"{}", b"null", b"\xff"]
)
def test_hostile_json_is_a_named_fault(content: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(packed(content))


@pytest.mark.parametrize("part", sorted(set(asdict(GOOD)) - LATER))
def test_a_lacking_or_odd_part_is_named(part: str) -> None:
    whole: dict[str, object] = asdict(GOOD)
    for changed in ({k: v for k, v in whole.items() if k != part}, whole | {part: 1}, whole | {"more": ""}):
        with pytest.raises(MalformedError, match="lacks a part"):
            parse(packed(changed))


@pytest.mark.parametrize(
    "change",
    [
        {"certificate_sha256": "AB" * 32},
        {"certificate_sha256": "ab" * 31},
        {"coordinator": "cd" * 33},
        {"grpc": "127.0.0.1"},
        {"grpc": "127.0.0.1:"},
        {"grpc": "user@evil/x:80"},
        {"grpc": "127.0.0.1:65536"},
        {"fleet": "127.0.0.1:0"},
        {"grpc": "127.0.0.1:٣"},
        {"community": ""},
        {"community": "x" * 81},
    ],
)
def test_a_part_of_wrong_form_is_named(change: dict[str, str]) -> None:
    with pytest.raises(MalformedError, match="not of its form"):
        parse(packed(asdict(GOOD) | change))


def test_a_cut_invite_is_damaged() -> None:
    with pytest.raises(MalformedError, match="Copy the whole word"):
        parse(GOOD.text[:-20])


def test_an_invite_may_say_what_rounds_cost_and_one_from_before_says_nothing() -> None:
    said = replace(GOOD, rounds=Terms(0.2, 1.5, 1e-5, 8.0, 168.0).text)
    assert parse(said.text) == said
    assert Terms.read(parse(said.text).rounds).epsilon_cap == 8.0
    assert "rounds" not in json.loads(base64.urlsafe_b64decode(GOOD.text.removeprefix(PREFIX) + "=="))
    with pytest.raises(MalformedError, match="noise multiplier"):
        parse(replace(GOOD, rounds="0.2 0.01 1e-05 8.0 168.0").text)
