"""Which studies there are, and what each says of itself at the top of its module: read without being run, for running one loads torch.

A study is a module in a subject's folder under `studies/` that has a QUESTION. It may also say, as literals: OPTIONS (of its command,
beside those of every study), INSTEAD (what to give it in place of --data), and ALONE (why it is not among all floors)."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

STUDIES = Path(__file__).parent.parent / "studies"
SAID = ("QUESTION", "OPTIONS", "INSTEAD", "ALONE")
SUBJECTS = ("reward", "commons", "negotiation", "federation")  # folders, in the order in which their studies are listed


@dataclass(frozen=True, slots=True)
class Entry:
    """What a study says of itself.

    options: by the name of the argument of its `run`, each with "kind" and "help", and maybe "option" (what is typed, else that name),
    "least" and "most"; see `options.py`.
    instead: what to give it in place of --data, after a semicolon.
    alone: why it is not among all floors, "" where it is.
    """

    name: str
    subject: str
    question: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    instead: str = ""
    alone: str = ""

    @property
    def row(self) -> str:
        """Its row in simulations/README.md."""
        return f"| `{self.name}` | {self.question}{' Not among `floors` unless it is named' if self.alone else ''} |"

    @property
    def module(self) -> str:
        """The name by which it is imported."""
        return f"weal_simulations.studies.{self.subject}.{self.name}"


@cache
def entries() -> Mapping[str, Entry]:
    """Return every study by its name, by subject and then by name."""
    modules = [path for subject in SUBJECTS for path in sorted((STUDIES / subject).glob("*.py"))]
    read = [entry for path in modules if (entry := _entry(path)) is not None]
    return {entry.name: entry for entry in read}


def _entry(path: Path) -> Entry | None:
    """Return what this module says of itself, None where it is no study."""
    source = path.read_text(encoding="utf-8")
    said = _literals(source) if "QUESTION" in source else {}
    if "QUESTION" not in said:
        return None
    return Entry(
        name=path.stem,
        subject=path.parent.name,
        question=said["QUESTION"],
        options=said.get("OPTIONS", {}),
        instead=said.get("INSTEAD", ""),
        alone=said.get("ALONE", ""),
    )


def _literals(source: str) -> dict[str, Any]:
    """Return what a module assigns to the names in SAID."""
    told: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if isinstance(statement, ast.Assign) and isinstance(target, ast.Name) and target.id in SAID:
            told[target.id] = ast.literal_eval(statement.value)
    return told


def table() -> str:
    """Return the studies as simulations/README.md lists them."""
    return "\n".join(["| Study | Asks |", "|---|---|", *(entry.row for entry in entries().values())])
