"""What every test of the house shares: the rule about what may be skipped."""

import os
import shutil

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two torch threads on two busy cores are far slower than one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where Chromium is missing, with the reason; refuse to, where nothing may be skipped."""
    if shutil.which("chromium"):
        return
    if os.environ.get("WEAL_NO_SKIP") and any(item.get_closest_marker("browser") for item in items):
        pytest.exit("Chromium is missing, and WEAL_NO_SKIP asks for the browser tests", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))
