"""What Flower reads from the environment; set before it is imported, here and in its children."""

import os
from pathlib import Path

SETTINGS = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "OMP_NUM_THREADS": "1",
}


PROXIES = ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy")


def prepare(folder: Path) -> None:
    """No telemetry, no update check, no installation at run time; Flower's files in this folder. And no proxy: all that these
    processes connect to is this machine."""
    for name in PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ.update(SETTINGS, FLWR_HOME=str(folder))
