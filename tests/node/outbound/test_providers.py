"""Who may be asked: local is this machine, anything else is encrypted, and private notes go no further than was said."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_node.errors import NodeError
from weal_node.outbound.providers import Provider, checked, read, write
from weal_node.records import Visibility

HERE = Provider("here", "http://127.0.0.1:11434/v1", "llama", "local")
THERE = Provider("there", "https://models.example/v1", "big", "trusted", 'k"\\#', 0.1, 2)


def test_what_is_written_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    assert read(path) == ()
    write(path, (HERE, THERE))
    assert read(path) == (HERE, THERE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert 'k"' not in repr(THERE)
    write(path, ())
    assert read(path) == ()


@pytest.mark.parametrize(
    "bad",
    [
        replace(HERE, url="http://192.168.1.7/v1"),  # not this machine
        replace(HERE, url="https://models.example/v1"),
        replace(THERE, url="http://models.example/v1"),  # not encrypted
        replace(THERE, url="https://user@models.example/v1"),
        replace(THERE, url="https://models.example/v1?x"),
        replace(THERE, url="file:///etc/passwd"),
        replace(THERE, url="https://[::1/v1"),
        replace(THERE, tier="friend"),
        replace(THERE, name=" "),
        replace(THERE, key="a\nb"),
        replace(THERE, price_in=-1.0),
        replace(THERE, price_out=float("nan")),
    ],
)
def test_what_cannot_or_must_not_be_asked_is_refused(bad: Provider) -> None:
    with pytest.raises(NodeError):
        checked(bad)


@given(st.text(max_size=200))
def test_any_file_gives_providers_or_says_what_is_wrong(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("m") / "models.toml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        read(path)
    except NodeError:
        return


@pytest.mark.parametrize("text", ["model = 3", "[[model]]\nname = 1", "[[model]]\nx = 1", "[model]\nname = 'a'"])
def test_a_file_of_another_shape_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(NodeError, match=r"models\.toml|model"):
        read(tmp_path / "models.toml")


def test_private_notes_go_as_far_as_was_said_and_no_further() -> None:
    public = replace(THERE, tier="public")
    assert HERE.may_read("local") == set(Visibility)
    assert THERE.may_read("local") == {Visibility.PUBLIC, Visibility.COMMUNITY}
    assert public.may_read("local") == {Visibility.PUBLIC}
    assert Visibility.PRIVATE in THERE.may_read("trusted")
    assert public.may_read("trusted") == {Visibility.PUBLIC}
    assert public.may_read("public") == set(Visibility)
