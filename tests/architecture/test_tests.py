"""Tests use what the houses offer: none reaches into what a module or an object keeps for itself; and each room's tests lie under its name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TESTS = TOP / "tests"
OWN = ("self", "cls")


def reached(source: str) -> set[str]:
    """Return the private names of others that a test module reads, sets, imports or replaces."""
    tree = ast.parse(source)
    return set(_imported(tree)) | set(_used(tree)) | set(_replaced(tree))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("weal_"):
            yield from (alias.name for alias in node.names if _is_private(alias.name))


def _used(tree: ast.Module) -> Iterator[str]:
    foreign, here = _foreign(tree), _made_here(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_private(node.attr):
            of = node.value.id if isinstance(node.value, ast.Name) else ""
            if of not in OWN and of not in foreign and node.attr not in here:
                yield node.attr


def _replaced(tree: ast.Module) -> Iterator[str]:
    """Names that are given as text, as to monkeypatch."""
    foreign = _foreign(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("setattr", "delattr", "patch.object")):
            of, texts = node.args[0], [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
            if not (isinstance(of, ast.Name) and of.id in foreign):
                yield from (name for text in texts if _is_private(name := str(text).rpartition(".")[2]))


def _foreign(tree: ast.Module) -> set[str]:
    """Modules of others, by the name that they have here: what they keep for themselves has its reason beside it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names if _is_foreign(alias.name)}
        if isinstance(node, ast.ImportFrom) and _is_foreign(node.module or ""):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def _is_foreign(module: str) -> bool:
    return not module.startswith(("weal_", "support"))


def _made_here(tree: ast.Module) -> set[str]:
    """What this module's own classes keep."""
    methods = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return methods | {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in OWN
    }


@pytest.mark.slow
def test_no_test_reaches_into_what_others_keep_for_themselves() -> None:
    found = {place.relative_to(TESTS).as_posix(): reached(place.read_text()) for place in sorted(TESTS.rglob("*.py"))}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from weal_node.mind.mind import _read", {"_read"}),
        ("door._secret = b''", {"_secret"}),
        ("assert node.mind._worker.loaded", {"_worker"}),
        ("from weal_node import mail\nmail._send()", {"_send"}),
        ("monkeypatch.setattr(mail, '_send', None)", {"_send"}),
        ("monkeypatch.setattr('weal_node.mail._send', None)", {"_send"}),
        ("import os\nos._exit(1)", set()),
        ("class Fake:\n    def __init__(self):\n        self._kept = 1\nfake._kept", set()),
        ("door.__dict__", set()),
    ],
)
def test_what_reaches_in_is_seen(source: str, names: set[str]) -> None:
    assert reached(source) == names


def test_every_folder_of_the_nodes_tests_is_a_room() -> None:
    rooms = {place.name for place in (TOP / "node/weal_node").iterdir() if (place / "__init__.py").exists()}
    folders = {place.name for place in (TESTS / "node").iterdir() if any(place.glob("**/test_*.py"))}
    assert folders <= rooms
