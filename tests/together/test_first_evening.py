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
