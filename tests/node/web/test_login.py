"""Links work once, sessions outlive a restart, a rotation ends both."""

from pathlib import Path

import pytest

from weal_node.web.login import LINK_LIFE_MS, SESSION_LIFE_MS, Login


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock) -> Login:
    return Login(folder / "sessions.json", folder / "control", clock)


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
    for file in ("sessions.json", "control"):
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
