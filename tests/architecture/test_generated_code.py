"""The committed protobuf code is what the .proto files say."""

import runpy
from pathlib import Path

import pytest

PROTOS = Path(__file__).parents[2] / "protos"


@pytest.mark.slow
def test_generated_code_is_current(tmp_path: Path) -> None:
    runpy.run_path(str(PROTOS / "generate.py"))["generate"](tmp_path)
    fresh = {p.relative_to(tmp_path): p.read_text() for p in tmp_path.rglob("*_pb2*.py*")}
    kept = {p.relative_to(PROTOS): p.read_text() for p in PROTOS.rglob("*_pb2*.py*") if "__pycache__" not in p.parts}
    assert fresh
    assert fresh == kept, "run: python protos/generate.py"
