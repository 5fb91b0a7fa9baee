"""The import rules in pyproject.toml hold: houses, layers, pure rooms, no torch where it has no business."""

import logging
import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

NODE = Path(__file__).parents[2] / "node/weal_node"


@pytest.mark.slow
def test_import_contracts_are_kept() -> None:
    loggers = [one for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [one.disabled for one in loggers]
    try:
        assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS
    finally:  # it sets up logging for itself, and silences everyone else's for the tests that come after
        for one, was in zip(loggers, before, strict=True):
            one.disabled = was


def test_a_node_cannot_even_ask_for_a_bundle() -> None:
    """Flower's request for a bundle, and its loader of apps, are named nowhere in the node."""
    named = [
        path.name for path in NODE.rglob("*.py") if re.search(r"GetFab|load_client_app|FabRequest", path.read_text())
    ]
    assert named == []
