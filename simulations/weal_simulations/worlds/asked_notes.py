"""One person's notes, some of others, and questions about them, all written by hand for the study `ask`.

The files lie beside: `asked/notes_*.txt` hold a note after each line `## title @ day @ by whom`, where nobody stands for the person;
`asked/questions.txt` holds `kind | titles that answer it, "-" for none | question`. Half of each kind is for tuning, half is reported.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

FOLDER = Path(str(files("weal_simulations.worlds") / "asked"))
FAR, NEAR = (
    "none-far",
    "none-near",
)  # kinds of questions that nothing answers: about nothing of the notes, about people and things of theirs


@dataclass(frozen=True, slots=True)
class AskedNote:
    """day: as 2025-01-31.  by: "" for the person."""

    title: str
    day: str
    by: str
    body: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """kind: paraphrase, name, number, when, who, decide, yesno, language; none-far and none-near where nothing answers it.
    right: titles of the notes that do.  tuning: whether it is of the half that was tuned on."""

    kind: str
    right: frozenset[str]
    text: str
    tuning: bool


def notes() -> tuple[AskedNote, ...]:
    """Return every note, in the order of the files."""
    found: list[AskedNote] = []
    for path in sorted(FOLDER.glob("notes_*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n## "):
            head, _, body = block.removeprefix("## ").partition("\n")
            title, day, by = (*(part.strip() for part in head.split(" @ ")), "")[:3]
            found.append(AskedNote(title, day, by, body.strip()))
    return tuple(found)


def questions() -> tuple[AskedQuestion, ...]:
    """Return every question; of each kind the first, third and so on are for tuning."""
    found: list[AskedQuestion] = []
    seen: dict[str, int] = {}
    for line in (FOLDER / "questions.txt").read_text(encoding="utf-8").splitlines():
        kind, titles, text = (part.strip() for part in line.split(" | "))
        right = frozenset() if titles == "-" else frozenset(title.strip() for title in titles.split(";"))
        seen[kind] = seen.get(kind, 0) + 1
        found.append(AskedQuestion(kind, right, text, seen[kind] % 2 == 1))
    return tuple(found)
