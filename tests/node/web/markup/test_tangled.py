"""No text makes the Markdown parser work more than its length is worth: it is then shown as it stands, and says so. Counted, not timed."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from weal_node.web.markup import rendering, tangled, wikilinks
from weal_node.web.markup.rendering import BLOCK, TANGLED, WHOLE, rendered

ATOMS = (
    "[", "![", "[[", "![[", "![](", "[a](", "](<", "`", "``", "*", "**a *", "*a **a ", "~~", "_a", "<", "&", "\\", "> ", "- ", "1. ", "# ", "|",
    "a|b\n-|-\n", "|-|\n", "[a]: b\n", "[x", "[a][b", "* a\n  ", "```\n", "===\n", "> - ", "$", "==", "[^a]", "^[", ":::", "%%",
)  # fmt: skip
TABLE = "|a" * 600 + "|\n" + "|-" * 600 + "|\n" + "|x|\n" * 600


def _attempts(text: str) -> int:
    env: dict[str, Any] = {tangled.KEY: 1 << 40, "pictures": lambda _name: ""}
    rendering.own_parser.render(text, env)
    return (1 << 40) - int(env[tangled.KEY])


@pytest.mark.slow
@pytest.mark.parametrize("text", ["![" * (BLOCK // 2), "[" * BLOCK, "[![" * (BLOCK // 3), TABLE])
def test_what_tangles_is_shown_as_it_stands(text: str) -> None:
    for made in (rendered, wikilinks.linked):
        html = made(text)
        assert TANGLED in html
        assert html.endswith("</pre>")
        assert len(html) < 2 * len(text) + 1_000


@pytest.mark.slow
@pytest.mark.parametrize("atom", ATOMS)
def test_work_never_exceeds_the_allowance(atom: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worst = "\n\n".join([(atom * BLOCK)[: BLOCK - 10]] * 4)
    counted = 0
    count = tangled.count

    def watched(env: dict[str, int], attempts: int) -> None:
        nonlocal counted
        counted += attempts
        count(env, attempts)

    monkeypatch.setattr(tangled, "count", watched)
    rendered(worst)
    last = 3 * len(worst)  # the pieces of one table, which are counted when they are made
    assert counted <= tangled.ATTEMPTS + tangled.PER_LETTER * len(worst) + last


def test_ordinary_texts_are_far_from_it() -> None:
    root = Path(__file__).parents[4]
    for name in ("README.md", "node/README.md", "coordinator/README.md"):
        text = (root / name).read_text()[:WHOLE]
        assert _attempts(text) < len(text)
    dense = "**a** _b_ `c` [d](e) ![f](g) [[h|i]] ~~j~~ <http://k.l> &amp; \\* | m |\n"
    assert TANGLED not in rendered(dense * 50)


@pytest.mark.slow
@given(st.lists(st.sampled_from(ATOMS), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_mixtures_end_too(atoms: list[str]) -> None:
    text = "".join(itertools.islice(itertools.cycle(atoms), 2_000))[:BLOCK]
    assert isinstance(rendered(text), Markup)  # of remarks alone nothing is left to show
