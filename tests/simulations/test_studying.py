"""Studies from the command line: one JSON object, a report that stands alone, floors that decide the exit."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from weal_simulations import report, studying
from weal_simulations.__main__ import app
from weal_simulations.study import Floor, Study, interval, row

MADE = Study(
    "made",
    1,
    (
        row("weal", {"k": 0, "regime": "seen"}, {"accuracy": [0.5, 0.6]}),
        row("weal", {"k": 5, "regime": "seen"}, {"accuracy": [0.7, 0.9]}),
        row("local", {"k": 5, "regime": "seen"}, {"accuracy": [float("nan"), float("nan")]}),
    ),
    (Floor("made: a floor", 0.8, 0.75, at_least=True), Floor("made: <b>", float("nan"), 1, at_least=False)),
)


def test_a_study_is_one_json_object(tmp_path: Path) -> None:
    target = tmp_path / "control.html"
    done = CliRunner().invoke(app, ["control", "--people", "2", "--seed", "5", "--json", "--report", str(target)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found) == {"study", "seed", "rows", "floors"}
    assert (found["study"], found["seed"]) == ("control", 5)
    assert set(found["floors"][0]) == {"name", "value", "floor", "met"}
    assert target.read_text().startswith("<!doctype html>")


def test_a_report_needs_nothing_else_and_escapes_what_it_shows() -> None:
    page = report.page(MADE)
    assert "<svg" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "<b>" not in page
    assert "missed" in page


def test_what_could_not_be_measured_is_null_and_not_met() -> None:
    found = MADE.as_json()
    json.dumps(found, allow_nan=False)
    assert [floor.met for floor in MADE.floors] == [True, False]


def test_intervals_leave_out_what_is_not_defined() -> None:
    mean, low, high = interval([1.0, 3.0, float("nan")])
    assert mean == 2
    assert low < mean < high


def test_all_floors_decide_the_exit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(studying, "run", lambda *_, **__: MADE)  # the true studies take minutes
    assert not studying.all_floors(1, None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert len(found["floors"]) == 2 * (len(studying.STUDIES) - len(studying.ALONE))
    assert found["met"] is False


def test_floors_of_chosen_studies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(name: str, *_: object, **__: object) -> Study:  # as above
        asked.append(name)
        return MADE

    monkeypatch.setattr(studying, "run", run)
    done = CliRunner().invoke(app, ["floors", "drift", "gate"])
    assert done.exit_code == 1, done.output
    assert asked == ["drift", "gate"]
    assert "no study" in str(CliRunner().invoke(app, ["floors", "drfit"]).exception)


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["control", "--people", "2", "--report", str(tmp_path / "no" / "such.html")])
    assert "cannot be written" in str(done.exception)
