"""The habits of the house are written down, and what is written is so: decisions, the fast tests, the hosted check, the hooks."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).parents[2]
HABITS = TOP / ".github"
HOUSES = ("node", "coordinator", "protos")
FAST = 'pytest -q -n 2 --dist worksteal -m "not together and not browser and not slow"'
STATUS = r"(?:accepted(?:, amended by \d{4})?|superseded by \d{4})"
SAID = re.compile(rf"^Date: (?P<date>\d{{4}}-\d\d-\d\d)\. Status: (?P<status>{STATUS})\.$")
ROW = re.compile(
    rf"^\| \[(?P<number>\d{{4}})\]\((?P<file>[^)]+)\) \| (?P<title>[^|]+) \| (?P<date>[\d-]+) \| (?P<status>{STATUS}) \| [^|]+ \|$",
    re.MULTILINE,
)


def decisions(house: str) -> list[Path]:
    return sorted(place for place in (TOP / house / "decisions").glob("*.md") if place.name != "README.md")


def row_of(decision: Path) -> tuple[str, str, str, str, str]:
    """What the index has to say of a decision: number, file, title, date, status."""
    title, blank, said, *_ = decision.read_text().split("\n")
    assert title.startswith("# "), f"{decision} begins with its title"
    assert not blank, f"{decision}: an empty line stands below the title"
    found = SAID.match(said)
    assert found, f"{decision} says below its title: Date: YYYY-MM-DD. Status: accepted."
    number = decision.name[:4]
    words = re.sub(r"^\d+\. ", "", title.removeprefix("# "))
    return number, decision.name, words, found["date"], found["status"]


@pytest.mark.parametrize("house", HOUSES)
def test_the_index_names_every_decision_and_no_other(house: str) -> None:
    index = (TOP / house / "decisions/README.md").read_text()
    listed = [row.group("number", "file", "title", "date", "status") for row in ROW.finditer(index)]
    assert listed == [row_of(decision) for decision in decisions(house)]
    assert len(listed) == len(re.findall(r"^\| \[", index, re.MULTILINE)), "a row of the index is not of its form"


@pytest.mark.parametrize("house", HOUSES)
def test_a_number_is_given_once_and_a_status_names_one_that_is_there(house: str) -> None:
    rows = [row_of(decision) for decision in decisions(house)]
    numbers = [number for number, *_ in rows]
    assert len(set(numbers)) == len(numbers)
    for number, *_, status in rows:
        for later in re.findall(r"\d{4}", status):
            assert later in numbers, f"{house} {number}: there is no {later}"
            assert later > number, f"{house} {number}: {later} is no later decision"


def commands(section: str) -> list[str]:
    """The commands that a section of CONTRIBUTING gives, one a block."""
    text = (HABITS / "CONTRIBUTING.md").read_text()
    found = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"CONTRIBUTING has no section {section}"
    return [block.strip() for block in re.findall(r"^```sh\n(.*?)^```", found.group(1), re.MULTILINE | re.DOTALL)]


def test_the_fast_command_and_the_whole_are_the_documented_ones() -> None:
    assert commands("Test") == [f".venv/bin/{FAST}", "bash .ci/run"]


def test_the_fast_command_leaves_out_markers_that_there_are(pytestconfig: pytest.Config) -> None:
    known = {line.split(":")[0] for line in pytestconfig.getini("markers")}
    named = set(re.findall(r"not (\w+)", FAST))
    assert named == {"together", "browser", "slow"}
    assert named <= known


@pytest.mark.parametrize(
    ("folder", "marker"), [("together", "together"), ("browser", "browser"), ("node/web/requests", "slow")]
)
def test_what_starts_servers_or_a_browser_is_marked_so_that_the_fast_command_leaves_it_out(
    folder: str, marker: str
) -> None:
    places = sorted((TOP / "tests" / folder).glob("test_*.py"))
    assert places
    assert [place.name for place in places if f"pytest.mark.{marker}" not in place.read_text()] == []


def test_contributing_names_files_that_are_there() -> None:
    text = (HABITS / "CONTRIBUTING.md").read_text()
    for named in re.findall(r"`((?:node|coordinator|protos|simulations|tests)/[\w./]+)`", text):
        assert (TOP / named).exists(), f"CONTRIBUTING names {named}"


def test_the_hosted_check_runs_what_is_run_here() -> None:
    workflow = yaml.safe_load((HABITS / "workflows/ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert job["runs-on"] == "ubuntu-latest"
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert "3.11" in [step.get("with", {}).get("python-version") for step in job["steps"]]
    assert (TOP / ".ci/run").stat().st_mode & 0o100, ".ci/run can be run"
    others = [step["uses"] for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", used) for used in others), "others' steps are pinned"


def test_the_hooks_fetch_nothing_and_call_what_ci_calls() -> None:
    written = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text())
    assert [one["repo"] for one in written["repos"]] == ["local"]
    hooks = [hook for one in written["repos"] for hook in one["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    called = {shlex.split(hook["entry"])[0] for hook in hooks}
    assert called == {".venv/bin/ruff", ".venv/bin/mypy"}
    assert all(program in (TOP / ".ci/run").read_text() for program in called)


def links(page: Path) -> list[str]:
    return [to for to in re.findall(r"\]\(([^)\s]+)\)", page.read_text()) if not to.startswith(("http:", "https:"))]


PAGES = [*sorted(HABITS.glob("*.md")), *(TOP / house / "decisions/README.md" for house in HOUSES)]


def anchors(page: Path) -> set[str]:
    """What headings are called in links: small letters, blanks as lines, no other signs."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for to in links(page):
        path, _, place = to.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} leads to {to}"
        assert not place or place in anchors(target), f"{page.name} leads to {to}"


PICTURES = sorted((HABITS / "pictures").iterdir())


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_pictures_are_small_and_hold_nothing_but_pixels(picture: Path) -> None:
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) < 200_000
    kinds, place = set(), 8
    while place < len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        kinds.add(content[place + 4 : place + 8])
        place += 12 + size  # length, kind, content, checksum
    assert kinds <= {b"IHDR", b"sRGB", b"PLTE", b"tRNS", b"IDAT", b"IEND"}, "words, times or places beside the pixels"
