"""Coverage-guided inputs for every `target_<name>.py` beside this file, each in a process of its own: python tests/fuzz/run.py [--runs N] [NAME...]

A target lets only the project's named errors pass; anything else, an input of more than TIMEOUT_S or more than RSS_MIB of memory ends its process, and
the input is left in the folder that is named. Only our own modules are instrumented: what a parser of others does is tried, not steered by.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNS = 10_000
SEED = 20_261_129
TIMEOUT_S = 20  # of one input: a busy machine must not fail it; what grows faster than its text does
RSS_MIB = 2_048
LONGEST = 2_048  # bytes of an input


def names() -> list[str]:
    """Return the targets there are."""
    return sorted(place.stem.removeprefix("target_") for place in HERE.glob("target_*.py"))


def one(name: str, runs: int, corpus: Path) -> None:
    """Try one target in this process; it ends the process."""
    import atheris  # type: ignore[import-untyped]

    sys.path.insert(0, str(HERE))
    with atheris.instrument_imports(include=["weal_node", "weal_protocol", "weal_coordinator"]):
        target = importlib.import_module(f"target_{name}")
    for number, seed in enumerate(target.SEEDS):
        (corpus / f"seed{number}").write_bytes(seed)
    options = [
        f"-runs={runs}", f"-seed={SEED}", f"-timeout={TIMEOUT_S}", f"-rss_limit_mb={RSS_MIB}", f"-max_len={LONGEST}",
        f"-artifact_prefix={corpus}/found-", "-verbosity=0", str(corpus),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], target.fuzz_one)
    atheris.Fuzz()


def _apart(name: str, runs: int) -> tuple[str, int, str]:
    corpus = tempfile.mkdtemp(prefix=f"fuzz-{name}-")
    command = [sys.executable, __file__, "--alone", corpus, "--runs", str(runs), name]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "0"}
    )
    return name, ended.returncode, f"{corpus}\n{ended.stdout[-3_000:]}{ended.stderr[-3_000:]}"


def main() -> int:
    """Run the targets that are named, all unless any are, two at a time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        one(given.names[0], given.runs, given.alone)
        return 0
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        for name, code, said in pool.map(lambda name: _apart(name, given.runs), given.names or names()):
            sys.stdout.write(f"{name}: {given.runs} inputs, {'nothing found' if not code else f'FAILED in {said}'}\n")
            sys.stdout.flush()
            failed += code != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
