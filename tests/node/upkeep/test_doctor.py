"""What `weal doctor` says is for a person: plain words, and numbers that agree with them."""

from pathlib import Path

import pytest

from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.upkeep.doctor import examine
from weal_node.upkeep.supervisor import TaskState


@pytest.mark.slow
def test_one_is_one_and_keys_are_explained(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    place.root.mkdir()
    set_up(place, "Ada")
    (place.vault / "a.md").write_text("A thought\n")
    standing = [TaskState("mail", "running", 1, "away"), TaskState("members", "running", 2, "away")]
    said = {check["name"]: check["detail"] for check in examine(place, Settings(), standing)["checks"]}
    assert said["vault"].startswith("1 note, ")
    assert said["work: mail"] == "running; 1 fault, the last: away"
    assert said["work: members"] == "running; 2 faults, the last: away"
    assert said["privacy ledger"].endswith("0 disclosures")
    assert said["keys"].startswith("yours, and readable by you alone; should your community make you a juror,")
    (place.vault / "b.md").write_text("Another\n")
    assert "2 notes" in {one["name"]: one["detail"] for one in examine(place, Settings())["checks"]}["vault"]
