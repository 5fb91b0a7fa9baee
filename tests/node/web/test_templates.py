"""A page's template asks for nothing that its handler does not give: a renamed value would be a page that cannot be shown."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from weal_node.web import page

WEB = Path(page.__file__).parent
EVERYWHERE = {
    "path",
    "tabs",
    "current",
    "ask",
    "csrf",
    "said",
    "name",
    "community_name",
    "own_key",
    "paused",
}  # given by `show` to all of them


def shown() -> Iterator[tuple[str, str, frozenset[str], bool]]:
    """Yield (module, template, names given, whether it gives others by `**`) of each call of `show`."""
    for path in sorted(WEB.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "show":
                continue
            names = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
            spread = any(keyword.arg is None for keyword in call.keywords)
            yield path.stem, ast.literal_eval(call.args[1]), names, spread


SHOWN = tuple(shown())


def asked_for(template: str) -> set[str]:
    """The names that a template takes from outside: not its macros, its imports or what it sets itself."""
    assert page.TEMPLATES.loader is not None
    parsed = page.TEMPLATES.parse(page.TEMPLATES.loader.get_source(page.TEMPLATES, template)[0])
    own = {macro.name for macro in parsed.find_all(nodes.Macro)}
    for line in parsed.find_all(nodes.FromImport):
        own |= {name if isinstance(name, str) else name[1] for name in line.names}
    own |= {line.target for line in parsed.find_all(nodes.Import)}
    own |= {name.name for name in parsed.find_all(nodes.Name) if name.ctx == "store"}
    return meta.find_undeclared_variables(parsed) - own


def test_the_calls_are_found() -> None:
    assert len(SHOWN) >= 30


@pytest.mark.parametrize(("module", "template", "given", "spread"), SHOWN, ids=[f"{one[0]}-{one[1]}" for one in SHOWN])
def test_a_template_asks_for_what_its_page_gives(
    module: str, template: str, given: frozenset[str], spread: bool
) -> None:
    assert not given & EVERYWHERE, "the frame around every page has these names for itself"
    missing = asked_for(template) - given - EVERYWHERE
    assert spread or missing == set(), f"{module} does not give these to {template}"


def pages() -> list[str]:
    """The templates that are pages of their own, not parts of others."""
    every = page.TEMPLATES.list_templates(extensions=["html"])
    return [name for name in every if name != "base.html" and "<h1" in (WEB / "templates" / name).read_text()]


@pytest.mark.parametrize("template", pages())
def test_a_page_says_first_what_it_is(template: str) -> None:
    text = (WEB / "templates" / template).read_text()
    assert text.count("<h1") >= 1
    heading = text.index("<h1")
    assert "lede" in text[heading:], f"{template} has no line under its title that says what the page is"
