"""What the pages say of the coordinator's log of releases: its head, to compare; an alarm where it does not go on."""

from typing import Any

from weal_node.store.releases import ADOPTED, FORKED, ReleaseEntry, forks
from weal_node.web.page import TEMPLATES
from weal_protocol import release_log

WHY = "the coordinator shows release 2 (aaaa), and this node holds release 2 (bbbb)"
MACROS: Any = TEMPLATES.get_template("release_log.html").module


def test_a_fork_is_an_alarm_in_its_own_words() -> None:
    entries = (ReleaseEntry(1, ADOPTED, "no worse", 1), ReleaseEntry(2, FORKED, WHY, 1_700_000_000_000))
    said = str(MACROS.alarm(forks(entries)))
    assert 'role="alert"' in said
    assert WHY in said
    assert str(MACROS.alarm(forks(entries[:1]))).strip() == ""


def test_the_head_is_shown_as_the_public_page_shows_it() -> None:
    head = release_log.Entry(7, b"", bytes.fromhex("3fa281c0" * 8), b"")
    said = str(MACROS.newest(head, release_log.digits(head.sha256)))
    assert "Release 7: <code>3fa2 81c0 3fa2 81c0 3fa2 81c0 3fa2 81c0</code>" in said
    assert str(MACROS.newest(None, "")).strip() == ""
