"""A study is listed by its module alone: its question, its options, its row."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from weal_simulations import studies
from weal_simulations.__main__ import app
from weal_simulations.bench import catalogue, studying
from weal_simulations.bench.study import Study

TOP = Path(__file__).parents[3]


def test_the_readme_lists_every_study_as_its_module_does() -> None:
    rows = [line for line in (TOP / "simulations/README.md").read_text().splitlines() if line.startswith("| ")]
    listed = [line for line in rows if line.startswith("| `")]
    assert listed == [entry.row for entry in catalogue.entries().values()]


@pytest.mark.slow
def test_every_module_that_can_be_run_as_a_study_is_one() -> None:
    top = Path(studies.__path__[0])
    assert {folder.name for folder in top.iterdir() if (folder / "__init__.py").exists()} == {*catalogue.SUBJECTS}
    runs = set()
    for path in top.glob("*/*.py"):
        functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        if any(function.name == "run" and len(function.args.args) >= 3 for function in functions):
            runs.add(path.stem)
    assert runs == {*catalogue.entries()}


@pytest.mark.parametrize("entry", catalogue.entries().values(), ids=lambda entry: entry.name)
def test_its_options_are_arguments_of_its_run(entry: catalogue.Entry) -> None:
    module = importlib.import_module(entry.module)
    assert {*entry.options} <= {*inspect.signature(module.run).parameters}
    assert (module.QUESTION, module.__name__) == (entry.question, entry.module)


def test_options_reach_the_study_under_the_names_of_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def run(name: str, seed: int, people: int | None, **more: object) -> Study:  # the true ones take minutes
        asked.update(name=name, seed=seed, people=people, **more)
        return Study(name, seed, (), ())

    monkeypatch.setattr(studying, "run", run)
    line = [
        "federation",
        "--epsilon",
        "8",
        "--epsilon",
        "3",
        "--tier",
        "light",
        "--everyone",
        "--people",
        "9",
        "--json",
    ]
    assert CliRunner().invoke(app, line).exit_code == 0
    assert asked == {
        "name": "federation", "seed": 1, "people": 9, "epsilons": [8.0, 3.0], "tiers": ["light"], "everyone": True,
    }  # fmt: skip
    asked.clear()
    assert CliRunner().invoke(app, ["load", "--phase", "rest", "--rounds", "7", "--json"]).exit_code == 0
    assert asked == {"name": "load", "seed": 1, "people": None, "phases": ["rest"], "rounds": 7}
    assert CliRunner().invoke(app, ["bargaining", "--noise", "2"]).exit_code == 2


@pytest.mark.slow
def test_listing_the_studies_loads_none_of_them() -> None:
    code = "import sys, weal_simulations.__main__; print([name for name in sys.modules if name == 'torch' or '.studies.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
