"""Markdown as the page of one's own note shows it."""

from weal_node.web.markup.rendering import rendered

SEEDS = (
    b"# a\n\n- [ ] b\n\n|a|b|\n|-|-|\n|1|2|\n",
    b"> [!note] a\n> b\n\n![[c]] [d](e) `f`",
    b"[^1]: x\n\n[a]: /b 'c'\n[a] ==m== $x$",
)


def fuzz_one(data: bytes) -> None:
    html = rendered(data.decode(errors="replace"), pictures=lambda name: "/pictures/x" if name == "c" else "")
    lower = html.lower()
    for bad in ("<script", "<iframe", "<style", "<svg", "<object", "<form", 'href="javascript'):
        assert bad not in lower
