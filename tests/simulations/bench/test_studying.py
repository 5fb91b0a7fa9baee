"""Studies from the command line: one JSON object, a report that stands alone, floors that decide the exit."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from weal_simulations.__main__ import app
from weal_simulations.bench import catalogue, report, studying
from weal_simulations.bench.study import Floor, Study, bootstrap, interval, row
from weal_simulations.studies.reward import promises

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


@pytest.mark.slow
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


def made(*_: object, **__: object) -> Study:
    return MADE  # the true studies take minutes


def test_all_floors_decide_the_exit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(studying, "run", made)
    assert not studying.all_floors(1, Path("some"), as_json=True)
    found = json.loads(capsys.readouterr().out)
    alone = {entry.name for entry in catalogue.entries().values() if entry.alone}
    assert len(found["floors"]) == 2 * (len(catalogue.entries()) - len(alone))
    assert found["met"] is False
    assert set(found["left_out"]) == alone == {"load"}


def test_what_was_not_measured_is_listed_and_is_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    good = Study("made", 1, MADE.rows, MADE.floors[:1])
    monkeypatch.setattr(studying, "run", lambda *_, **__: good)
    assert CliRunner().invoke(app, ["floors", "drift"]).exit_code == 0
    done = CliRunner().invoke(app, ["floors", "drift", "learning", "--json"])
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)["floors"]
    lacking = [one for one in found if one["study"] == "learning"]
    assert len(lacking) == len(promises.floors((), "")) > 5
    assert {(one["met"], one["value"], one["lacking"]) for one in lacking} == {
        (False, None, promises.lacking(collection)) for collection in promises.COLLECTIONS
    }
    assert all("lacking" not in one for one in found if one["study"] == "drift")
    shown = CliRunner().invoke(app, ["floors", "learning"], env={"COLUMNS": "240"})
    assert shown.exit_code == 1, shown.output
    assert shown.stdout.count("not measured: give --data") == len(lacking)
    assert CliRunner().invoke(app, ["floors", "learning", "--data", "some"]).exit_code == 0


def test_a_floor_that_was_not_measured_is_never_met() -> None:
    lacking = Floor("made: at most", -1.0, 0.0, at_least=False, lacking="not measured: give --data")
    assert not lacking.met
    assert report.standing(lacking) == ("–", "at most 0", "not measured: give --data")
    assert "not measured: give --data" in report.page(Study("made", 1, (), (lacking,)))


@pytest.mark.parametrize("name", [entry.name for entry in catalogue.entries().values() if "data" not in entry.options])
def test_studies_that_make_up_what_they_need_say_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studying, "run", made)
    done = CliRunner().invoke(app, [name, "--data", "some", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["study"] == "made"
    assert f"{name} makes up what it needs: --data is not used here" in done.stderr
    assert "not used" not in CliRunner().invoke(app, [name, "--json"]).stderr


def test_floors_of_chosen_studies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(name: str, *_: object, **__: object) -> Study:  # as above
        asked.append(name)
        return MADE

    monkeypatch.setattr(studying, "run", run)
    done = CliRunner().invoke(app, ["floors", "gate", "drift", "load", "--data", "some"])
    assert done.exit_code == 1, done.output
    assert asked == ["drift", "gate", "load"]
    assert "--data is not used" in done.stderr
    assert "no study" in str(CliRunner().invoke(app, ["floors", "drfit"]).exception)


def test_an_interval_that_lies_askew_is_shown_with_both_ends() -> None:
    assert report.cell({"method": "x", "a": 0.5, "a_low": 0.4, "a_high": 0.6}, "a") == "0.500 ±0.100"
    assert report.cell({"method": "x", "a": 0.5, "a_low": 0.4, "a_high": 0.9}, "a") == "0.500 (0.400 to 0.900)"
    assert report.cell({"method": "x", "a": 1e-16, "a_low": 1e-17, "a_high": 2e-16}, "a") == "1.0e-16"
    assert report.cell({"method": "x", "a": float("nan"), "a_low": 1.0, "a_high": float("nan")}, "a") == "–"


def test_a_bootstrap_is_of_the_statistic_and_says_what_is_not_known() -> None:
    values = np.arange(101.0)
    value, low, high = bootstrap(values, np.median, 1)
    assert (value, low < 50 < high, low > 30, high < 70) == (50, True, True, True)
    assert bootstrap(values, np.median, 1) == (value, low, high)
    some = bootstrap([0.0] * 9 + [1.0], lambda drawn: 3.0 if drawn.any() else float("inf"), 1)
    assert some[:2] == (3.0, 3.0)
    assert np.isnan(some[2])


def test_a_report_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studying, "run", made)
    done = CliRunner().invoke(app, ["control", "--people", "2", "--report", str(tmp_path / "no" / "such.html")])
    assert "cannot be written" in str(done.exception)
