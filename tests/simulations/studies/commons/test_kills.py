"""kill -9 while notes are saved: nothing that was acknowledged is lost, and the study would see it if it were."""

from pathlib import Path

import pytest

from weal_node.store.database import Database
from weal_node.vault import history
from weal_simulations.studies.commons import kills

pytestmark = pytest.mark.slow


def test_nothing_acknowledged_is_lost() -> None:
    found = kills.run(5, 4, lambda _share, _text: None)
    assert [floor.met for floor in found.floors] == [True, True, True]
    assert float(found.rows[0]["acknowledged"]) >= 4


def test_a_lost_version_is_counted(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    history.create(tmp_path / "vault")
    Database(tmp_path / "node.db").close()
    (tmp_path / "vault/a.md").write_text("# A\n")
    history.commit(tmp_path / "vault", ["a.md"], "Add")
    seen = kills.Seen([("0" * 40, "1" * 32, "2" * 64)])
    assert kills.lost_versions(tmp_path, seen) == 1
    (tmp_path / "vault/.a.md.0123abcd.tmp").touch()
    assert kills.torn_files(tmp_path / "vault") == 1
