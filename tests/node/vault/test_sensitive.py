"""The scan says what a text seems to give away, masks it, and stays quiet about ordinary talk."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.vault import sensitive

PLANTED = {
    "an API key": ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "sk-ant-api03-" + "x1Y" * 9, "postgres://ann:s3cret@db.example/x"],
    "a private key": ["-----BEGIN OPENSSH PRIVATE KEY-----", "AGE-SECRET-KEY-1" + "QPZRY9X8GF" * 6],
    "a password or key": ["password: hunter2!", "api_key = 'abc123def456'", "my PIN is 4711"],
    "an account number": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "account no. 12345678"],
    "a card number": ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005"],
    "an identity number": ["078-05-1120"],
    "a phone number": ["+49 171 1234567", "(415) 555-2671", "030/1234567", "tel: 555 0199 22", "٠٣٠ 1234567"],
    "a street address": [
        "12 Baker Street", "Hauptstraße 12, 10115 Berlin", "12 rue de la Paix", "Via Roma 3", "Calle Mayor 5", "Prinsengracht 263",
    ],
}  # fmt: skip
ORDINARY = [
    "On 12 March 2024, 10:30 to 12:15, 9 out of 10 people came; see version 1.2.3.4 and ISBN 978-3-16-148410-0.",
    "The street should be closed to cars. Password rules annoy everyone: nobody keeps them.",
    "1234567890123456 is no card, DE00 3704 0044 0532 0130 00 is no account, 2024-05-01 is a day.",
    "Der Weg ist 3 km lang; token: your-token-here; api_key = <API_KEY>; 0.75 of 1000000.",
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PLANTED.items() for text in texts])
def test_what_is_planted_is_found_by_line_and_masked(kind: str, text: str) -> None:
    findings = sensitive.found(f"---\ntitle: x\n---\nCome by, {text} as ever.\n")
    assert [(one.kind, one.line) for one in findings] == [(kind, 4)]
    assert text not in findings[0].shown
    if kind in ("a phone number", "an API key", "a card number"):  # an address takes words around it with it
        assert findings[0].digest == sensitive.found(f"{text}\n")[0].digest


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_talk_is_left_alone(text: str) -> None:
    assert sensitive.found(text) == ()


@given(st.text(max_size=400))
@settings(max_examples=examples(200), deadline=None)
def test_any_text_is_looked_through(text: str) -> None:
    assert len(sensitive.found(text)) <= sensitive.MOST


@pytest.mark.parametrize(
    "piece",
    [
        "a.b-",
        "1 ",
        "Aa ",
        "DE12",
        "straße ",
        f"(+{'1' * 31}x ",
        f"(00{'1' * 28}-",
        "eyJ-" * 99 + "." + "eyJ-" * 99 + ".",
        "Via di di di ",
    ],
)
def test_a_hostile_line_costs_as_much_as_its_length(piece: str) -> None:
    hostile, ordinary = (_time((part * 20_000)[:20_000]) for part in (piece, "We met at four, and it rained. "))
    assert hostile < 40 * ordinary


def _time(text: str) -> float:
    """Return this process's own seconds, the least of three: no other program counts."""
    took = []
    for _ in range(3):
        began = time.process_time()
        sensitive.found(text)
        took.append(time.process_time() - began)
    return min(took)


def test_a_text_too_long_to_look_through_is_flagged() -> None:
    assert sensitive.found("a " * sensitive.LONGEST)
