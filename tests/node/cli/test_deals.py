"""`weal deals` while no node runs: an empty home has a next step, a deal is listed with what is to be done, names do no harm."""

import json
from functools import partial
from pathlib import Path

import pytest

from weal_node import keys
from weal_node.__main__ import run
from weal_node.negotiation import mechanism, space
from weal_node.store import deals
from weal_node.store.database import Database
from weal_protocol.v1 import negotiation_pb2

OTHER = b"o" * 32


def home_with_a_draft(place: Path, monkeypatch: pytest.MonkeyPatch, gift: str = "piano lessons") -> None:
    """A node in a community, as far as a listing asks, with one draft."""
    from weal_node.app import headless
    from weal_node.federation import membership

    assert run(["init", "--home", str(place), "--name", "Ada"]) == 0
    own = keys.load(place / "keys").agent_public
    (place / "community").mkdir()
    (place / "community" / "membership.json").write_text("{}")
    of = space.swap((own, OTHER), (gift, "bread"), ())
    database = Database(place / "node.db")
    draft = partial(
        deals.draft,
        new=deals.NewDeal(b"d" * 16, OTHER, (gift, "bread"), (), "", b"s" * 32, space=space.pack(of)),
        now_ms=1,
    )  # fmt: skip
    database.write_now(draft)
    database.close()

    class Members:
        """The directory as it was kept."""

        coordinator = b"c" * 32

        @classmethod
        def open(cls, *_: object) -> "Members":
            return cls()

        def name_of(self, key: bytes) -> str:
            return {OTHER: "Bo\x1b[2J"}[key]

        async def member(self, key: bytes) -> None:
            """Nobody's card is asked for."""

        async def close(self) -> None:
            """Nothing is open."""

    async def recall(*_: object) -> None:
        """Nothing to read."""

    monkeypatch.setattr(headless, "Community", Members)
    monkeypatch.setattr(membership, "recall", recall)


def test_without_a_community_the_next_step_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--home", str(tmp_path / "node")]) == 0
    capsys.readouterr()
    assert run(["deals", "--home", str(tmp_path / "node")]) == 0
    assert "weal join INVITE" in capsys.readouterr().out
    assert run(["deals", "--json", "--home", str(tmp_path / "node")]) == 0
    assert json.loads(capsys.readouterr().out) == {"joined": False, "deals": []}


def test_a_deal_is_listed_with_its_state_who_what_and_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home_with_a_draft(tmp_path / "node", monkeypatch)
    capsys.readouterr()
    assert run(["deals", "--home", str(tmp_path / "node")]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[:3] == [
        "- piano lessons for bread  (found, with Bo [2J)",
        "    You give piano lessons: 0, 1, 2 or 3 hours; Bo [2J gives bread: 0, 1, 2 or 3 hours; "
        "when: on a weekday evening, on Saturday or on Sunday",
        "    Next: Let your agent negotiate, or say no.",
    ]
    assert "weal login" in out
    assert run(["deals", "--json", "--home", str(tmp_path / "node")]) == 0
    (found,) = json.loads(capsys.readouterr().out)["deals"]
    assert (found["state"], found["waits_for_you"], found["ended"]) == ("draft", True, False)
    assert found["can"] == ["decline", "edit", "enter"]


def test_what_has_ended_is_counted_and_shown_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "node"
    home_with_a_draft(place, monkeypatch)
    own = keys.load(place / "keys").agent_public
    of = space.write(space.swap((own, OTHER), ("piano lessons", "bread"), ()))
    invite = negotiation_pb2.Invite(space=of, mechanism=mechanism.OFFERS, expires_ms=1 << 60)
    database = Database(place / "node.db")
    database.write_now(lambda c: deals.say(c, b"d" * 16, 0, "invite", invite.SerializeToString()))
    database.write_now(lambda c: deals.say(c, b"d" * 16, 1, "decline", b""))
    capsys.readouterr()
    assert run(["deals", "--home", str(place)]) == 0
    assert capsys.readouterr().out == "1 ended: weal deals --all\n"
    assert run(["deals", "--all", "--home", str(place)]) == 0
    assert "Next: Nothing: it was declined." in capsys.readouterr().out
    database.write_now(lambda c: deals.dismiss(c, b"d" * 16))
    database.close()
    assert run(["deals", "--home", str(place)]) == 0
    assert "No deals yet." in capsys.readouterr().out
