"""The study of the scan plants what it says and measures what the scan does with it."""

import random

from weal_node.vault import sensitive
from weal_simulations.studies.commons import scan


def test_floors_are_held_against_what_was_found() -> None:
    found = scan.run(7, 40, lambda _share, _text: None)
    assert {row["kind"] for row in found.rows} >= {"cards", "accounts", "unlisted"}
    assert all(floor.met for floor in found.floors if "cards" in floor.name or "accounts" in floor.name)


def test_planted_cards_and_accounts_hold_their_check_digits() -> None:
    draw = random.Random(3)
    for kind, make in (("a card number", scan.card_number), ("an account number", scan.account_number)):
        assert {one.kind for _ in range(50) for one in sensitive.found(make(draw))} == {kind}
