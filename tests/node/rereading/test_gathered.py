"""When a note was written: front matter, then the file's name, then what an import said, then the file."""

from pathlib import Path

import pytest

from weal_node.rereading.gathered import links_of, named_ms, own_note
from weal_node.vault import markdown
from weal_node.vault.versions import VaultNote


def made(tmp_path: Path, path: str, text: str, dates: dict[tuple[str, str], int] | None = None) -> tuple[int, int]:
    (tmp_path / path).write_text(text)
    version = VaultNote(markdown.read(text.encode(), path), "d", 1)
    note = own_note(tmp_path, version, links_of([version]), dates or {})
    return note.dated_ms // 86_400_000, note.written_ms // 86_400_000


DAY = 19_783  # 1 March 2024, in days


@pytest.mark.parametrize(
    ("path", "text", "days"),
    [
        ("a.md", "---\ncreated: 2024-03-01\nupdated: 2024-03-05\n---\nx", (DAY + 4, DAY)),
        ("2024-03-01 walk.md", "x", (DAY, DAY)),
        ("2024-03-01.md", "---\nmodified: 2024-03-09\n---\nx", (DAY + 8, DAY)),
    ],
)
def test_the_first_that_says_it(tmp_path: Path, path: str, text: str, days: tuple[int, int]) -> None:
    assert made(tmp_path, path, text) == days


def test_an_import_says_it_before_the_file(tmp_path: Path) -> None:
    assert made(tmp_path, "a.md", "x", {("a.md", "d"): DAY * 86_400_000})[0] == DAY
    assert made(tmp_path, "a.md", "x")[0] > DAY
    assert named_ms("a/2024-13-41.md") == 0
