"""Whoever reads a list of members, or one name out of it, is told look-alikes apart by their keys."""

from weal_node import keys as keyring
from weal_node.outbound.directory import Directory
from weal_node.outbound.membership import Membership
from weal_protocol import cards
from weal_protocol.cards import Member
from weal_protocol.likeness import DIGITS

MEMBERSHIP = Membership("c" * 64, "commons", "127.0.0.1:1", "127.0.0.1:2", "d" * 64, "e" * 64, "")


def known(*names: str, left: tuple[str, ...] = ()) -> tuple[Directory, dict[str, bytes]]:
    """A directory of these people, some of whom have left, and their keys by name."""
    own = {name: keyring.new() for name in (*names, *left)}
    heard = []
    for name, keys in own.items():
        public = (keys.agent_public, keys.ratification_public, keys.seal_public, keys.fleet_public)
        card = cards.issue(Member(*public, name, "light", 1_700_000_000_000), keys.agent)
        heard.append((keys.agent_public.hex(), card, name in left))
    directory = Directory(MEMBERSHIP)
    directory.recall(heard)
    assert directory.aside() == {}
    return directory, {name: keys.agent_public for name, keys in own.items()}


def test_members_that_look_alike_are_listed_with_some_of_their_keys_and_nobody_else_is() -> None:
    latin, cyrillic = "Paul", "\u0420\u0430ul"
    directory, keys = known(latin, cyrillic, "Ada")
    listed = {one.agent_key: one.name for one in directory.members()}
    assert listed == {
        keys[latin]: f"{latin} {keys[latin].hex()[:DIGITS]}",
        keys[cyrillic]: f"{cyrillic} {keys[cyrillic].hex()[:DIGITS]}",
        keys["Ada"]: "Ada",
    }
    assert {key: directory.name_of(key) for key in listed} == listed


def test_a_newcomer_takes_no_name_over_from_one_who_left() -> None:
    """What the first one wrote is still there, under their name."""
    directory, keys = known("Pau1", left=("Paul",))
    assert [one.name for one in directory.members()] == [f"Pau1 {keys['Pau1'].hex()[:DIGITS]}"]
    assert directory.name_of(keys["Paul"]) == f"Paul {keys['Paul'].hex()[:DIGITS]}"
