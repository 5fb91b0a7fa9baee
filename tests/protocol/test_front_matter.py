"""Front matter is read at a cost that its length bounds: no depth, no alias and no sign of YAML makes more of it."""

import pytest
import yaml

from weal_protocol import front_matter
from weal_protocol.errors import MalformedError

SIZE = 32 * 1024
NINE = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(7)
)
MERGED = "a: &a {x: 1, y: 2}\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [{', '.join(['*' + chr(97 + n)] * 9)}]}}\n" for n in range(9)
)
LONG = f"a: &a {'x' * 20_000}\nb: [{', '.join(['*a'] * 500)}]\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * SIZE,
        "a: " + "{" * SIZE,
        "a: " + "[" * (SIZE // 2) + "]" * (SIZE // 2),
        "- " * (SIZE // 2),
        "? " * (SIZE // 2),
        "a: " + "[a: " * (SIZE // 4),
        "a: [" + "a," * (SIZE // 2) + "]",
        "".join(" " * n + "a:\n" for n in range(200)),
        "".join(f"k{n}: {{}}\n" for n in range(3_000)),
        NINE,
        LONG,
        "a: &a [*a]\n",
        MERGED,
    ],
)
def test_what_costs_is_refused_within_the_budget(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = 0
    scan = yaml.scanner.Scanner.fetch_more_tokens

    def counted(self: yaml.scanner.Scanner) -> None:
        nonlocal scanned
        scanned += 1
        scan(self)

    monkeypatch.setattr(yaml.scanner.Scanner, "fetch_more_tokens", counted)
    with pytest.raises((MalformedError, yaml.YAMLError)):
        front_matter.load(text)
    assert scanned <= front_matter.MOST_TOKENS


def test_a_depth_that_is_read_here_is_read_in_a_deep_call_too() -> None:
    text = "a: " + "[" * 20 + "]" * 20

    def deep(levels: int) -> object:
        return deep(levels - 1) if levels else front_matter.load(text)

    assert deep(300) == front_matter.load(text)


@pytest.mark.parametrize("text", ["at: 2026-99-99", "n: " + "9" * 9_000, "n: 1:1:1:1", "b: !!binary x", "n: .inf"])
def test_nothing_but_text_is_made_of_a_word(text: str) -> None:
    assert all(isinstance(one, str) for one in front_matter.load(text).values())


def test_what_people_write_is_read() -> None:
    tags = "\n".join(f"  - tag{n}" for n in range(2_000))
    found = front_matter.load(f"title: A: b\ntags:\n{tags}\nsame: &s [1, 2]\nagain: *s\n".replace("A: b", "'A: b'"))
    assert found["title"] == "A: b"
    assert len(found["tags"]) == 2_000
    assert found["again"] == ["1", "2"]
