"""Only a page makes an approval: nothing in the background, no peer and no model has a way to."""

import re
from pathlib import Path

NODE = Path(__file__).parents[2] / "node/weal_node"


def named(pattern: str) -> set[str]:
    return {path.relative_to(NODE).as_posix() for path in NODE.rglob("*.py") if re.search(pattern, path.read_text())}


def test_approvals_are_made_for_pages_alone() -> None:
    assert named(r"\.approve\(") == {"deals/queries.py"}
    assert named(r"\.shown\(") == {"web/deals.py"}


def test_the_persons_own_key_signs_deals_in_two_files_a_jurors_vote_and_a_second_device_in_one_each() -> None:
    joins = "outbound/community.py"  # whose node it is, when the person joins: it binds nobody to a deal
    assert named(r"keys\.ratification\b") == {
        "deals/performance.py",
        "deals/ratification.py",
        "commons/moderation.py",
        joins,
    }
    assert named(r"moderation\.vote\(") == {"web/commons_note.py"}
