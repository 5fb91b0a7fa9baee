"""The first evening: vaults that other hands wrote, opened without a network, a model, a community or an answer, against their keys."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.vaults import bundles, judged, key_of, unpack

pytestmark = [pytest.mark.together, pytest.mark.slow]

USEFUL, NOISE = 5, 2  # issue 15: at least, and at most


def weal(*words: str) -> Any:
    done = subprocess.run([sys.executable, "-m", "weal_node", *words, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_vault_is_there() -> None:
    assert {bundle.stem for bundle in bundles()} == {"cook", "developer", "student", "teacher", "translator"}


@pytest.mark.parametrize("bundle", bundles(), ids=lambda bundle: bundle.stem)
def test_what_a_key_calls_useful_is_found_and_nothing_that_hurts(bundle: Path, tmp_path: Path) -> None:
    home, vault = str(tmp_path / "home"), unpack(bundle, tmp_path / "vault")
    weal("init", "--home", home, "--vault", str(vault))
    looked = weal("look", "--home", home)
    assert looked["notes_read"] == looked["notes"] > 0
    verdict = judged(looked["lines"], key_of(bundle))
    assert verdict.never == (), verdict
    assert len(verdict.useful) >= USEFUL, verdict
    assert len(verdict.noise) <= NOISE, verdict


BUNDLE = """=== Journal/2026-11-01.md
I want to learn the [[Piano|piano]] properly.
=== Rye.md
# Rye
"""
LINE = {
    "rule": "wish",
    "act": "learn the piano properly",
    "says": "Still open?",
    "quotes": [{"path": "Journal/2026-11-01.md", "quote": "I want to learn the piano properly."}],
}


def test_a_bundle_and_its_key_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BUNDLE)
    (tmp_path / "a.key.toml").write_text(
        '[[useful]]\nnote = "Journal/2026-11-01.md"\nwords = "learn the piano"\n[[never]]\nnote = "Rye.md"\nwords = "*"\n'
    )
    unpack(tmp_path / "a.txt", tmp_path / "vault")
    assert (tmp_path / "vault/Rye.md").read_text() == "# Rye\n"
    key = key_of(tmp_path / "a.txt")
    assert judged([LINE], key).useful == ("wish: learn the piano properly ['Journal/2026-11-01.md']",)
    of_rye = {**LINE, "quotes": [{"path": "Rye.md", "quote": "Rye"}]}
    assert len(judged([LINE, of_rye], key).never) == 1
    assert (
        len(
            judged([{**LINE, "act": "", "quotes": [{"path": "Journal/2026-11-01.md", "quote": "Rain."}]}], key).unjudged
        )
        == 1
    )
