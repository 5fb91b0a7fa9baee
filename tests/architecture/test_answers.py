"""One function writes an answer into the log, and no edge that agents reach can call it."""

import re
from pathlib import Path

NODE = Path(__file__).parents[2] / "node/weal_node"


def _named(pattern: str) -> set[str]:
    return {path.relative_to(NODE).as_posix() for path in NODE.rglob("*.py") if re.search(pattern, path.read_text())}


def test_only_give_writes_an_answer() -> None:
    assert _named(r"\banswers\.add\(|INSERT INTO labels\b") == {"mind/answers.py", "store/answers.py"}


def test_only_a_persons_pages_and_their_rating_of_a_deal_give_one() -> None:
    assert _named(r"\bgive\(\s*(?:self\.context\.database|desk\.database)") == {
        "deals/deals.py",
        "web/items.py",
        "web/teach.py",
        "web/today.py",
    }
