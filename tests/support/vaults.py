"""Vaults that other hands wrote, each a bundle of notes with a key that says which lines are useful, noise, or must never stand on a page.

A bundle is one text: before each note a line `=== relative/path.md`. Its key is a TOML file of the same stem, NAME.key.toml, with the arrays
`useful`, `noise` and `never` of tables: note, the path; words, a stretch of what is quoted or "*" for anything of that note; other, the path of the
second note where the line rests on two.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "vaults"
ENOUGH = 4  # words of a line that stands in what a key names, where the key names more than the line
_BEGIN = re.compile(r"^=== (\S.*?)\s*$")


@dataclass(frozen=True)
class Mark:
    """What a key says of a line. words: "*" for any.  other: "" where it rests on one note."""

    note: str
    words: str
    other: str = ""
    why: str = ""

    def fits(self, line: Mapping[str, Any]) -> bool:
        """Whether a line of the page is meant."""
        quotes = {quote["path"]: quote["quote"] for quote in line["quotes"]}
        if self.note not in quotes or (self.other and self.other not in quotes):
            return False
        words, shown = _plain(self.words), list(map(_plain, (line["act"], line["says"], *quotes.values())))
        return self.words == "*" or any(
            words in text or (text in words and len(text.split()) >= ENOUGH) for text in shown
        )


@dataclass(frozen=True)
class Key:
    """What the hand that wrote a vault says of what may be found in it."""

    useful: tuple[Mark, ...]
    noise: tuple[Mark, ...]
    never: tuple[Mark, ...]


@dataclass(frozen=True)
class Verdict:
    """Lines of a page, as a key judges them, and those of which it says nothing."""

    useful: tuple[str, ...]
    noise: tuple[str, ...]
    never: tuple[str, ...]
    unjudged: tuple[str, ...]


def bundles() -> list[Path]:
    """Every bundle that is there."""
    return sorted(FOLDER.glob("*.txt"))


def notes_of(bundle: str) -> dict[str, str]:
    """The notes of a bundle by path; a path that leads out, or that stands twice, is refused."""
    made: dict[str, list[str]] = {}
    path = ""
    for line in bundle.splitlines(keepends=True):
        if begin := _BEGIN.match(line):
            path = begin[1]
            assert path not in made, f"{path} stands twice"
            assert path.endswith(".md"), path
            assert ".." not in path.split("/"), path
            assert not path.startswith("/"), path
            made[path] = []
        else:
            assert path or not line.strip(), "a bundle begins with === path"
            if path:
                made[path].append(line)
    return {path: "".join(lines) for path, lines in made.items()}


def key_of(bundle: Path) -> Key:
    """The key beside a bundle."""
    said = tomllib.loads(bundle.with_suffix(".key.toml").read_text())
    assert set(said) <= {"useful", "noise", "never"}, f"{bundle.stem}: {sorted(said)}"
    return Key(*(tuple(map(_mark, said.get(name, ()))) for name in ("useful", "noise", "never")))


def _mark(said: Mapping[str, str]) -> Mark:
    """One row of a key. Its `why` is for people."""
    return Mark(said["note"], said["words"], said.get("other", ""))


def unpack(bundle: Path, folder: Path) -> Path:
    """Write a bundle's notes as files below a folder, and return it."""
    for path, text in notes_of(bundle.read_text()).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def judged(lines: Iterable[Mapping[str, Any]], key: Key) -> Verdict:
    """What a key says of lines as `weal look --json` gives them. What must never stand wins over noise, and that over what is useful."""
    by_word: dict[str, list[str]] = {"never": [], "noise": [], "useful": [], "unjudged": []}
    for line in lines:
        marks: Sequence[tuple[str, Sequence[Mark]]] = (
            ("never", key.never),
            ("noise", key.noise),
            ("useful", key.useful),
        )
        word = next((word for word, told in marks if any(mark.fits(line) for mark in told)), "unjudged")
        by_word[word].append(
            f"{line['rule']}: {line['act'] or line['says']} {[quote['path'] for quote in line['quotes']]}"
        )
    return Verdict(*(tuple(by_word[word]) for word in ("useful", "noise", "never", "unjudged")))


def _plain(text: str) -> str:
    """Words alone: how a line is marked or pointed does not count."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]", r"\1", text).casefold()))
