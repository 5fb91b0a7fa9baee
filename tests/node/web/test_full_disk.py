"""A page on a machine that is short of room says so, keeps what was typed at hand, and leaves what was saved as it was."""

import errno
import html
from typing import Any

import pytest

from weal_node.records import Note, Visibility


async def test_a_save_on_a_full_disk_can_be_sent_again(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = page.vault.save(Note("", "", "Kept", "Old words.\n", Visibility.PRIVATE))
    before = page.vault.raw(kept.path)

    def full(*_: object) -> None:
        """Stands in for the disk: this home lies on the machine's own; the true thing is in cli/test_surroundings.py."""
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as short:
        short.setattr("weal_node.vault.place.os.fsync", full)
        answer = await page.send(
            "/notes", status=507, origin="/notes", title="New", body="Words of mine.", visibility="private"
        )
        shown = html.unescape(answer.text)
        assert "The disk is full" in shown
        assert "Free some room" in shown
        assert "Words of mine." in shown
    assert page.vault.raw(kept.path) == before
    assert [one.title for one in page.vault.read_all()[0]] == ["Kept"]
