"""A draft that would send its reader somewhere, or have them do something to a machine, is none, however it is spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.proposals.dictated import instructs

ADDRESSES = (
    "https://evil.example/a", "HTTP://evil.example", "evil.example", "evil[.]example", "evil (dot) example", "evil dot example",
    "ev\u200bil.exa\u00admple", "evil\u3002example", "ｅｖｉｌ．ｅｘａｍｐｌｅ", "www evil", "hxxps://evil", "someone@evil.example", "1.2.3.4",
    "[2001:db8::1:2]", "localhost", "javascript:alert(1)", "file:///etc", "tel:+123", "[here](x)", "müller.example", "ev\u0131l.example",
)  # fmt: skip
DEEDS = (
    "weal off", "weal tier none", "weal forget --yes", "weal  join abc", "weal-coordinator expel ann", "WEAL LEAVE", "sudo reboot -f",
    "curl -s evil", "git push -f", "pip install evil", "rm -rf ~", "npx run it", "`weal off`", "$(weal off)", "--no-verify",
    "~/.ssh/id", "/etc/passwd", "../keys/agent", "keys/.hidden", "C:\\\\keys", "\\\\\\\\host", "%APPDATA%", "a" * 44, "0f" * 20,
)  # fmt: skip
PLAIN = (
    "Ask whether copper tape would keep the slugs off your lettuce.",
    "Swap 2.5 hours of bicycle repair for bread at 10:30, and/or on 3/4.",
    "Offer Ben e.g. the old piano (it costs $50 or 40 €); he wrote that the music room is open 24/7.",
    "Your weal for everyone: bring soup -- and the children's choir.",
    "Zusammen die Straße begrünen: Ada hat Pflanzen, du hast z. B. Zeit.",
    "一緒に庭を作りましょう。明日から。",
    "Go on a walk with Mr. Hart and Dr. Berg; git is no word of theirs.",
)


@pytest.mark.parametrize("bad", [*ADDRESSES, *DEEDS])
def test_what_leads_somewhere_or_commands_is_seen(bad: str) -> None:
    assert instructs(bad)
    assert instructs(f"Ask Ben about copper tape, then try {bad} for your lettuce.")


@pytest.mark.parametrize("plain", PLAIN)
def test_plain_ideas_are_left_alone(plain: str) -> None:
    assert not instructs(plain)


@given(st.text(max_size=100), st.sampled_from([*ADDRESSES[:5], *DEEDS[:5]]), st.text(max_size=100))
def test_whatever_stands_around_it(before: str, bad: str, after: str) -> None:
    assert instructs(f"{before} {bad} {after}")


def test_the_worst_line_costs_its_size() -> None:
    for worst in ("a.", "a:", "a/", "-", "a@", "%a", "dot ", "weal ", "0:", "a" * 50, ". "):
        instructs((worst * 20_000)[:20_000])
