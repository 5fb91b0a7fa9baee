"""Every fuzz target on a few hundred inputs made from its seeds: what atheris does in CI, quickly and without it."""

import importlib.util
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent
TARGETS = sorted(HERE.glob("target_*.py"))
PIECES = (
    b"[",
    b"]]",
    b"![[",
    b"\x00",
    b"\xff",
    b"\n",
    b"---\n",
    b": ",
    b"{",
    b"}",
    b'"',
    b"'",
    b"`",
    b"\xf0\x9f\x8e\xb9",
    b"e\xcc\x81",
    b"9" * 30,
    b"-",
)
INPUTS = 200


def _loaded(place: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"fuzz_{place.stem}", place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _inputs(seeds: tuple[bytes, ...]) -> Iterator[bytes]:
    drawn = random.Random(7)
    yield from (b"", *seeds)
    for _ in range(INPUTS):
        made = bytearray(drawn.choice(seeds))
        for _ in range(drawn.randrange(1, 6)):
            at = drawn.randrange(len(made) + 1)
            made[at : at + drawn.choice((0, 0, 1, 4))] = drawn.choice(
                (*PIECES, drawn.randbytes(3), bytes(made[at : at + 9]) * 2)
            )
        yield bytes(made)


@pytest.mark.slow
@pytest.mark.parametrize("place", TARGETS, ids=lambda place: place.stem)
def test_a_target_lets_only_named_errors_pass(place: Path) -> None:
    target = _loaded(place)
    for data in _inputs(target.SEEDS):
        target.fuzz_one(data)


def test_every_kind_of_input_has_a_target() -> None:
    named = {place.stem.removeprefix("target_") for place in TARGETS}
    assert named >= {
        "front_matter",
        "markdown",
        "wikilinks",
        "envelopes",
        "cards",
        "invites",
        "records",
        "releases",
        "search",
        "charter",
        "charters",
        "a2a",
    }
