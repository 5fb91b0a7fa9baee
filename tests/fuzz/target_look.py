"""Any note makes a page of In your notes, and nothing that the guard keeps stands on it."""

from weal_node.look import facts, gathering, guard, page
from weal_node.look.notes import OwnNote

NOW_MS = 1_796_000_000_000
SEEDS = (
    b"# Plans\n- [ ] call Tom by 2026-12-04\n  - [x] pay\nI want to learn the piano, because it calms me. How could we?\n",
    b"I love [[Cold Room|it]] and [a very long title of theirs](https://a.b/c_(d)) #tag ^b1 `x`\n> quoted \xe2\x80\x9cwords\xe2\x80\x9d\n",
    b"I promised Ilse to bring jam by Friday, 3rd of May 2026. Mum died. | a | b |\n```\ncode\n```\n",
)


def fuzz_one(data: bytes) -> None:
    text = data.decode(errors="replace")
    note = OwnNote("a", "Journal/2026-11-02.md", text[:40], text, NOW_MS, NOW_MS, links=(("Cold Room", ""),))
    held = gathering.structure([facts.of(note, NOW_MS)])
    shown = page.compose(held, gathering.meanings(held, {}, {}), page.Said(), NOW_MS)
    assert not guard.tender(*(quote.quote for finding in shown.findings for quote in finding.quotes))
