"""Write the Python code and stubs for every .proto file. Run it after you edit one, then add its lines to wire.lock.

python protos/generate.py
"""

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parent
BIN = Path(sys.executable).parent


def generate(into: Path) -> None:
    """Generate code for all .proto files below this folder into `into`."""
    command = [
        "protoc",
        f"--proto_path={ROOT}",
        f"--plugin=protoc-gen-mypy={BIN / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={BIN / 'protoc-gen-mypy_grpc'}",
        *(f"--{kind}_out={into}" for kind in ("python", "grpc_python")),
        *(f"--{kind}_out=quiet:{into}" for kind in ("mypy", "mypy_grpc")),
        *(str(path) for path in sorted(ROOT.glob("weal_protocol/**/*.proto"))),
    ]
    if protoc.main(command):
        raise SystemExit("protoc failed")


if __name__ == "__main__":
    generate(ROOT)
