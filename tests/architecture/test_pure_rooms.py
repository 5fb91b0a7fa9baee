"""Pure rooms keep nothing between two calls: no `global`, no table of a module that a function writes to, no cache of a person's data.

What a function remembers, the next person pays for: a cache in `reward/` once made every answer after a look at *Why?* 24 times slower.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
ROOMS = (
    "protos/weal_protocol",
    "node/weal_node/features",
    "node/weal_node/look",
    "node/weal_node/negotiation",
    "node/weal_node/proposals",
    "node/weal_node/reward",
    "node/weal_node/text",
    "coordinator/weal_coordinator/community",
)
MUTATING = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "move_to_end",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
}
MUTATING |= {"sort", "update"}
CACHES = frozenset({"cache", "lru_cache"})
SCALARS = frozenset({"bool", "bytes", "float", "int", "str"})
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def files() -> list[Path]:
    generated = ("_pb2.py", "_pb2_grpc.py")
    return [path for room in ROOMS for path in sorted((TOP / room).rglob("*.py")) if not path.name.endswith(generated)]


def parameters(function: Function) -> list[ast.arg]:
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return named + [one for one in (given.vararg, given.kwarg) if one is not None]


def own_names(function: Function) -> set[str]:
    """The names that are this function's own, so that they are not the module's."""
    stored = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {parameter.arg for parameter in parameters(function)}


def root(node: ast.expr) -> str:
    """The name at the beginning of `name[...]`, `name.field` and the like; "" for anything else."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def written(node: ast.AST) -> Iterator[str]:
    """Yield the names of what this node changes in place."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        targets = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATING:
        yield root(node.func.value)
    for target in targets:
        if isinstance(target, ast.Subscript | ast.Attribute):
            yield root(target)


def module_names(module: ast.Module) -> set[str]:
    """The values that a module holds, whatever they are; not its functions, its classes, nor what it imports."""
    found = set()
    for statement in module.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            found |= {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
    return found


def writes(node: ast.AST, held: set[str], called: bool = False) -> Iterator[tuple[int, str]]:
    """Yield (line, name) where a function changes one of the values that its module holds. called: whether the node is in a function."""
    for child in ast.iter_child_nodes(node):
        inside = held - own_names(child) if isinstance(child, Function) else held
        for name in written(child):
            if called and name in inside and isinstance(child, ast.stmt | ast.expr):
                yield child.lineno, name
        yield from writes(child, inside, called or isinstance(child, Function))


def cache_of(decorator: ast.expr) -> ast.expr | None:
    """The decorator, where it is a cache."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return decorator if ast.unparse(called).rpartition(".")[2] in CACHES else None


def unbounded(cache: ast.expr) -> bool:
    """Whether a cache grows for as long as the process lives."""
    if isinstance(cache, ast.Call):
        sizes = [*cache.args, *(keyword.value for keyword in cache.keywords if keyword.arg == "maxsize")]
        return any(isinstance(size, ast.Constant) and size.value is None for size in sizes)
    return ast.unparse(cache).rpartition(".")[2] == "cache"


def cached(module: ast.Module, personal: bool) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) of caches. personal: whether what the module works on is a person's."""
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for cache in filter(None, map(cache_of, function.decorator_list)):
            taken = parameters(function)
            if taken and unbounded(cache):
                yield function.lineno, f"{function.name} remembers without end"
            if personal and {ast.unparse(one.annotation) if one.annotation else "" for one in taken} - SCALARS:
                yield function.lineno, f"{function.name} remembers more than numbers and words"


def faults(source: str, personal: bool) -> list[str]:
    module = ast.parse(source)
    found = [f"{node.lineno}: global" for node in ast.walk(module) if isinstance(node, ast.Global)]
    found += [f"{line}: {name} is written to" for line, name in writes(module, module_names(module))]
    return found + [f"{line}: {why}" for line, why in cached(module, personal)]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(TOP).as_posix())
def test_a_pure_room_keeps_nothing(path: Path) -> None:
    assert faults(path.read_text(), personal="reward" in path.parts) == []


def test_the_rooms_are_there() -> None:
    assert all((TOP / room).is_dir() for room in ROOMS)
    assert len(files()) > 100


@pytest.mark.parametrize(
    "source",
    [
        "count = 0\ndef f():\n    global count\n    count += 1",
        "KNOWN = {}\ndef f(x):\n    KNOWN[x] = 1",
        "KNOWN: dict[str, int] = dict()\ndef f(x):\n    KNOWN.setdefault(x, 1)",
        "KNOWN = WeakKeyDictionary()\ndef f(x):\n    if x:\n        del KNOWN[x]",
        "KNOWN = []\nclass A:\n    def f(self):\n        return [KNOWN.append(1) for _ in self]",
        "KNOWN = {}\ndef f():\n    def g(x):\n        KNOWN[x]['a'] = 1\n    return g",
        "KNOWN = [0]\ndef f():\n    KNOWN[0] += 1",
        "STATE = State()\nasync def f():\n    STATE.count = 1",
        "@functools.cache\ndef f(x: int): ...",
        "@lru_cache(maxsize=None)\ndef f(x: int): ...",
        "@lru_cache(None)\ndef f(x: int): ...",
        "@functools.lru_cache(maxsize=8)\ndef f(answers: tuple[Answer, ...]): ...",
        "@lru_cache\ndef f(model): ...",
    ],
)
def test_what_keeps_something_is_found(source: str) -> None:
    assert faults(source, personal=True) != []


@pytest.mark.parametrize(
    "source",
    [
        "KNOWN = {}\nfor x in 'ab':\n    KNOWN[x] = 1",  # made once, when the module is read
        "KNOWN = {}\ndef f(KNOWN):\n    KNOWN['a'] = 1",
        "KNOWN = {}\ndef f():\n    KNOWN = {}\n    KNOWN['a'] = 1\n    return KNOWN",
        "KNOWN = {}\ndef f(x):\n    return KNOWN[x] | {}",
        "@cache\ndef shipped(): ...",
        "@lru_cache(maxsize=32)\ndef step(sigma: float, rate: float): ...",
    ],
)
def test_what_keeps_nothing_is_left_alone(source: str) -> None:
    assert faults(source, personal=True) == []
