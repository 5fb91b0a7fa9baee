"""The README is true: its two commands, its tree, its table of what works."""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text()
ALLOWED = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "compose.yaml",
    "node",
    "coordinator",
    "protos",
    "simulations",
    "tests",
}


def section(title: str) -> str:
    found = re.search(rf"^## {title}\s*$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title}"
    return found.group(1)


@pytest.mark.parametrize("title", ["Run", "Test"])
def test_section_has_one_block_of_one_command(title: str) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    joined = blocks[0].replace("\\\n", " ").strip()
    assert "\n" not in joined


def tracked_folders() -> set[str]:
    names = subprocess.run(
        ["git", "ls-files", "node", "coordinator", "protos", "simulations"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    )
    return {Path(name).parent.as_posix() for name in names.stdout.split() if "/weal_" in f"/{name}"}


def tree() -> set[str]:
    """The folders that the tree under "Where things are" names, as paths."""
    found = re.search(r"^```text\n(.*?)^```", section("Where things are"), re.MULTILINE | re.DOTALL)
    assert found, "the README's tree is missing"
    folders: set[str] = set()
    stack: list[str] = []
    for line in found.group(1).splitlines():
        name = line.split()[0]
        if not name.endswith("/"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        stack = [*stack[:depth], name.rstrip("/")]
        folders.add("/".join(stack))
    return folders


def test_tree_names_every_room_and_no_other() -> None:
    named = {folder for folder in tree() if "/weal_" in folder}
    assert named == tracked_folders()
    assert all((TOP / folder).is_dir() for folder in tree())


def test_top_level_is_the_fixed_one() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\n")
    assert {name.split("/")[0] for name in names if name and not name.startswith(".")} <= ALLOWED


def test_status_table_uses_three_words() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([a-z ]+) \|", section("Status"), re.MULTILINE)
    assert rows
    assert set(rows) <= {"works", "partly", "not yet"}
