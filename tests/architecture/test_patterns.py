"""Every regular expression of the three houses takes time with the length of the text, and never more: tried on texts made from each.

Time is the process's own (a busy machine does not count), and is compared with that of a plain pattern on a text of the same length, and
with that on a text four times as long.
"""

import ast
import importlib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from support.worst_texts import texts

ROOT = Path(__file__).parents[2]
HOUSES = {"node": "weal_node", "protos": "weal_protocol", "coordinator": "weal_coordinator"}
SHORT, LONG, LONGER = 200, 2_000, 8_000  # characters
MOST = 60  # times what the plain pattern takes
SUSPECT = 3  # times that, above which a longer text is tried: how much slower a square is depends on the machine, that it is one does not
FEW = 3  # of the slowest texts
STEEP = (LONGER / LONG) ** 1.5  # half way between what grows with the text and what grows with its square
PLAIN = re.compile(r"[^\W\d_]+")
FUNCTIONS = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
ANCHORED = ("match", "fullmatch")
# What a pattern made anew from a person's words may hold.
WORDS: dict[str, object] = {
    "rows": {r"(?:words|word\S{0,4})", r"a\s+a"},
    "alone": r"(?<![0-9a-f])00ff(?![0-9a-f])",  # of remains.py, which makes it of what is looked for
    "longest_first": "aa|ab|a",
    "words": r"a\s+a",
    "word": "a a a a",
    "giver": None,
    "between": r"[,\s]+",
    "found": {"values": ";"},
}


@dataclass(frozen=True)
class Used:
    where: str
    pattern: re.Pattern[str]
    methods: tuple[str, ...]


def _patterns() -> Iterator[Used]:
    for house, package in HOUSES.items():
        for place in sorted((ROOT / house / package).rglob("*.py")):
            if "re." in (source := place.read_text()) and not place.stem.endswith(("_pb2", "_pb2_grpc")):
                yield from _of(place, source, ".".join(place.relative_to(ROOT / house).with_suffix("").parts))


def _of(place: Path, source: str, module: str) -> Iterator[Used]:
    tree = ast.parse(source)
    names = {**vars(importlib.import_module(module.removesuffix(".__init__")))}
    called = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ]
    for node in called:
        assert isinstance(node.func, ast.Attribute)
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in FUNCTIONS):
            continue
        flags = [word.value for word in node.keywords if word.arg == "flags"]
        flags += [one for one in node.args[1:] if "re." in ast.unparse(one)]
        try:
            pattern = _value(node.args[0], {**names, **WORDS})
        except NameError:  # made in a loop: what came of it is in the module, and looked at below
            continue
        text = pattern.decode("latin-1") if isinstance(pattern, bytes) else str(pattern)
        compiled = re.compile(text, int(re.RegexFlag(cast(int, _value(flags[0], names)))) if flags else 0)
        methods = (node.func.attr,) if node.func.attr != "compile" else _methods(tree, node)
        yield Used(f"{place.relative_to(ROOT)}:{node.lineno}", compiled, methods)
    yield from _in_rows(place, {key: value for key, value in names.items() if not key.startswith("__")})


def _in_rows(place: Path, names: dict[str, object]) -> Iterator[Used]:
    for name, row in names.items():
        for number, one in enumerate(row if isinstance(row, tuple | list) else ()):
            if isinstance(one, re.Pattern):
                yield Used(f"{place.relative_to(ROOT)}:{name}[{number}]", one, ("search",))


def _value(node: ast.expr, names: dict[str, object]) -> object:
    return eval(compile(ast.Expression(node), "pattern", "eval"), dict(names))


def _methods(tree: ast.Module, made: ast.Call) -> tuple[str, ...]:
    """Return by which methods a compiled pattern is used in its own file; every one where that is not seen."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is made
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }
    return tuple(sorted(found & set(FUNCTIONS))) or ("finditer",)


def _cost(act: Callable[[str], object], text: str, times: int = 3) -> int:
    """Return the least of some times: nanoseconds of this process."""
    best = 1 << 62
    for _ in range(times):
        begin = time.process_time_ns()
        act(text)
        best = min(best, time.process_time_ns() - begin)
    return best


def _acts(used: Used) -> Iterator[Callable[[str], object]]:
    searched = [method for method in used.methods if method not in ANCHORED]
    if searched:
        yield lambda text: [None for _ in used.pattern.finditer(text)]
    for method in set(used.methods) & set(ANCHORED):
        yield getattr(used.pattern, method)


def _once(all_used: Iterator[Used]) -> list[Used]:
    """Drop what stands in two places, as in a row of a table and where that is compiled, and is used alike in both."""
    kept: dict[object, Used] = {}
    for used in all_used:
        anchored = frozenset(set(used.methods) & set(ANCHORED))
        kept.setdefault((used.pattern, anchored, anchored < set(used.methods)), used)
    return list(kept.values())


USED = _once(_patterns())


def test_the_patterns_are_seen() -> None:
    assert len(USED) > 60
    assert {"node/weal_node/vault/sensitive.py", "protos/weal_protocol/cards.py"} <= {
        one.where.partition(":")[0] for one in USED
    }


@pytest.mark.slow
@pytest.mark.parametrize("used", USED, ids=lambda used: used.where)
def test_a_pattern_takes_no_longer_than_its_text(used: Used) -> None:
    assert (worst := _worst(used)) is None, worst


def _worst(used: Used) -> str | None:
    """Return how long the worst text takes where that is too long. A short text comes first: a pattern that doubles would never end."""
    plain = _cost(lambda text: PLAIN.findall(text), "ab " * (LONG // 3))
    for act in _acts(used):
        slowest: list[tuple[int, int, str]] = []
        pairs = zip(texts(used.pattern, SHORT), texts(used.pattern, LONG), strict=True)
        for place, (short, long) in enumerate(pairs):
            for text, once in ((one, _cost(act, one, 1)) for one in (short, long)):
                if once > MOST * plain and (least := _cost(act, text)) > MOST * plain:
                    return f"{least // 1000} us where a plain one takes {plain // 1000} us: {text[:60]!r}... {text[-10:]!r}"
                if text is long and once > SUSPECT * plain:
                    slowest = sorted([*slowest, (once, place, long)], reverse=True)[:FEW]
        for _, place, text in slowest:
            longer = next(itertools.islice(texts(used.pattern, LONGER), place, None))
            if _grows(act, text, longer, 3) > STEEP and (growth := _grows(act, text, longer, 15)) > STEEP:
                return (
                    f"{growth:.0f} times as long for {LONGER // LONG} times the text: {text[:60]!r}... {text[-10:]!r}"
                )
    return None


def _grows(act: Callable[[str], object], text: str, longer: str, times: int) -> float:
    """Return how many times as long the longer text takes. times: each is timed so often, and the least counts."""
    return _cost(act, longer, times) / _cost(act, text, times)


@pytest.mark.parametrize("slow", [r"(?:a{1,9}){1,4}$", r"\s+$", r"[\w/]*-[\w/]*!", r"a[^\n]*b"])
def test_a_slow_pattern_is_told(slow: str) -> None:
    assert _worst(Used("here", re.compile(slow), ("finditer",))) is not None
