"""Links work once, sessions outlive a restart, a rotation ends both."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from weal_node.web.door.login import LINK_LIFE_MS, SESSION_LIFE_MS, Login


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock) -> Login:
    return Login(folder / "sessions.json", folder / "control", folder / "page-name", clock)


def test_a_link_works_once(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    token = login.new_link()
    assert login.use_link(token)
    assert login.use_link(token) is None
    assert login.use_link("") is None


def test_a_link_ends_after_a_day_and_when_a_newer_one_is_made(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    old = login.new_link()
    late = login.new_link()
    assert login.use_link(old) is None
    clock.now += LINK_LIFE_MS + 1
    assert login.use_link(late) is None


def session(login: Login) -> str:
    found = login.use_link(login.new_link())
    assert found is not None
    return found


def test_a_session_outlives_a_restart_but_not_its_end(tmp_path: Path, clock: Clock) -> None:
    kept = session(opened(tmp_path, clock))
    again = opened(tmp_path, clock)
    assert again.csrf_of(kept)
    assert again.csrf_of(kept + "x") is None
    clock.now += SESSION_LIFE_MS + 1
    assert again.csrf_of(kept) is None


def test_files_are_private_and_hold_no_token(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    kept = session(login)
    for file in ("sessions.json", "control", "page-name"):
        assert (tmp_path / file).stat().st_mode & 0o077 == 0
    assert kept not in (tmp_path / "sessions.json").read_text()
    assert (login.csrf_of(kept) or "") not in (tmp_path / "sessions.json").read_text()


def test_ending_sessions_ends_them_after_a_restart_too(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    kept = session(login)
    login.new_link()
    assert login.csrf_of(kept)
    login.new_link(end_sessions=True)
    assert login.csrf_of(kept) is None
    assert opened(tmp_path, clock).csrf_of(kept) is None


def test_logging_out_ends_one_session(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    first, second = session(login), session(login)
    login.end_session(first)
    assert login.csrf_of(first) is None
    assert login.csrf_of(second)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": "x"}', '{"a": null}'])
def test_a_damaged_file_means_logging_in_again(tmp_path: Path, clock: Clock, text: str) -> None:
    (tmp_path / "sessions.json").write_text(text)
    assert opened(tmp_path, clock).csrf_of("a") is None


def test_the_command_lines_token_changes_with_every_start(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    token = (tmp_path / "control").read_text()
    assert login.is_command_line(token)
    assert not login.is_command_line("")
    assert not opened(tmp_path, clock).is_command_line(token)


def test_the_pages_name_is_kept_and_nobody_can_guess_it(tmp_path: Path, clock: Clock) -> None:
    name = opened(tmp_path, clock).name
    assert re.fullmatch(r"[a-z2-7]{32}\.localhost", name)  # 160 bits, and one label of a name: at most 63 characters
    assert opened(tmp_path, clock).name == name
    other = tmp_path / "other"
    other.mkdir()
    assert opened(other, clock).name != name


def test_a_new_name_ends_every_session_and_link_and_holds_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    login = opened(tmp_path, clock)
    kept, link, before = session(login), login.new_link(), login.name
    login.new_link(new_name=True)
    assert login.name != before
    assert opened(tmp_path, clock).name == login.name
    assert login.csrf_of(kept) is None
    assert login.use_link(link) is None
    assert login.csrf_of(session(login))


def test_a_session_holds_under_the_name_where_it_began(tmp_path: Path, clock: Clock) -> None:
    kept = session(opened(tmp_path, clock))
    name, held = tmp_path / "page-name", (tmp_path / "sessions.json").read_text()
    name.write_text("a" * 32 + ".localhost")
    assert opened(tmp_path, clock).csrf_of(kept) is None
    assert (tmp_path / "sessions.json").read_text() == held


def test_a_session_from_before_the_page_had_a_name_is_over(tmp_path: Path, clock: Clock) -> None:
    """Its cookie went to every port of 127.0.0.1."""
    before = hashlib.sha256(b"weal/login/session/stolen").hexdigest()
    (tmp_path / "sessions.json").write_text(json.dumps({before: clock.now + SESSION_LIFE_MS}))
    assert opened(tmp_path, clock).csrf_of("stolen") is None


@pytest.mark.parametrize("text", ["", "localhost", "evil.example", "A" * 32 + ".localhost", "a" * 32, "\xff", "../x"])
def test_a_damaged_name_is_made_anew(tmp_path: Path, clock: Clock, text: str) -> None:
    (tmp_path / "page-name").write_text(text, encoding="latin-1")
    name = opened(tmp_path, clock).name
    assert re.fullmatch(r"[a-z2-7]{32}\.localhost", name)
    assert (tmp_path / "page-name").read_text() == name
