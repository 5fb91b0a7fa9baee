"""What a node refuses to give: every cap has a name, and what is given is in the ledger first."""

import asyncio
import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.rounds import COORDINATOR, Known, NotingParticipant
from weal_node import keys
from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.features.weights import WIDTH
from weal_node.federation import charter
from weal_node.federation.participant import ParticipantHome
from weal_node.mail.inbox import Inbox
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import learn, shared_belief
from weal_node.outbound.membership import Membership
from weal_node.records import Answer, Choice, Item
from weal_node.store import disclosures, mail, rounds, tiers
from weal_node.store.database import Database
from weal_node.upkeep.doctor import refused_letters
from weal_protocol import accounting, charters, contribution, envelope, sealing
from weal_protocol.cards import Member
from weal_protocol.contribution import kind
from weal_protocol.envelope import START, Envelope
from weal_protocol.errors import MalformedError
from weal_protocol.representation import empty
from weal_protocol.v1 import release_pb2

ITEMS = tuple(sorted(f"{number:064x}" for number in range(5)))
ANSWERS = ((ITEMS[0], 1), (ITEMS[3], -1), ("f" * 64, 1))


def notice(**changes: Any) -> release_pb2.RoundNotice:
    given: dict[str, Any] = {
        "number": 1,
        "tier": kind("light"),
        "deadline_ms": 10**13,
        "clip": 1.0,
        "sigma": 1.0,
        "sampling_rate": 0.2,
    }
    given |= {"delta": 1e-5, "aggregation": "central", "fleet_address": "127.0.0.1:1"}
    return release_pb2.RoundNotice(**(given | changes))


def letter(body: release_pb2.RoundNotice, sender: bytes = COORDINATOR) -> Envelope:
    return Envelope(bytes(16), sender, bytes(32), 1, START, 10**13, bytes(16), "round", body.SerializeToString())


class Node:
    """community: who calls it to rounds.  refuse: what becomes of a call that cannot be answered."""

    def __init__(self, folder: Path, community: Any = None, refuse: Any = None, **settings: Any) -> None:
        self.database = Database(folder / "node.db")
        known: Any = community or Known(ITEMS, ANSWERS)
        tier = settings.pop("tier", "light")
        with contextlib.closing(sqlite3.connect(folder / "node.db")) as connection, connection:
            tiers.choose(connection, str(tier), 1)
        self.refused: list[str] = []

        async def note(fault: Exception) -> None:
            self.refused.append(str(fault))

        home = ParticipantHome(Home(folder), Settings(**settings), self.database)
        self.federate = NotingParticipant(home, known, known, lambda: 1_000, refuse or note)

    @property
    def answered(self) -> list[int]:
        return self.federate.answered

    async def hear(self, said: release_pb2.RoundNotice) -> str:
        """Let a notice come and be considered to its end; return why it was refused, "" where it was not."""
        self.refused.clear()
        try:
            await self.federate.receive(letter(said))
        except RefusedError as fault:
            return fault.what
        await self.federate.considered()
        return "; ".join(self.refused)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "change", "reason"),
    [
        ({"tier": "none"}, {}, "gives nothing"),
        ({"tier": "local", "local_epsilon_cap": 1.0}, {}, "against anyone"),
        ({"tier": "label-private", "label_epsilon_cap": 0.1}, {}, "each label above"),
        ({"round_cap": 0}, {}, "at most 0 rounds"),
        ({"epsilon_cap": 0.5}, {}, "above this node's cap"),
        ({}, {"tier": "everything"}, "not known here"),
        ({}, {"tier": "light"}, "over other features"),  # as an earlier coordinator asks
        ({}, {"tier": "factors/0123456789abcdef"}, "over other features"),
        ({}, {"aggregation": "none"}, "not known here"),
        ({}, {"number": 0}, "number of rounds is not from 1"),
        ({}, {"number": 100_001}, "number of rounds is not from 1"),
        ({}, {"sigma": 0.0}, "noise multiplier is not from 0.3 to 1000"),
        ({}, {"sigma": 0.03}, "noise multiplier is not from 0.3 to 1000"),
        ({}, {"sigma": 0.1}, "noise multiplier is not from 0.3 to 1000"),
        ({}, {"sigma": float("inf")}, "noise multiplier is not from 0.3 to 1000"),
        ({}, {"sigma": float("nan")}, "noise multiplier is not from 0.3 to 1000"),
        ({}, {"clip": float("nan")}, "its clip"),
        ({}, {"clip": 1e6}, "its clip"),
        ({}, {"sampling_rate": 0.0}, "sampling rate is not above 0"),
        ({}, {"sampling_rate": 1.5}, "sampling rate is not above 0"),
        ({}, {"delta": 0.0}, "delta is not above 0"),
        ({}, {"delta": 0.0999}, "delta is above this node's cap of 1e-05"),
        ({}, {"delta": 1.1e-5}, "delta is above this node's cap of 1e-05"),
        ({"delta_cap": 1e-7}, {}, "delta is above this node's cap of 1e-07"),
        ({}, {"epsilon_after": 10.5}, "epsilon to 10.50, above this node's cap"),
        ({}, {"number": 100_000, "sampling_rate": 1.0, "sigma": 1.0}, "above this node's cap"),
        ({}, {"deadline_ms": 1_000}, "deadline passed"),
    ],
)
async def test_a_round_beyond_a_cap_is_refused_by_name(tmp_path: Path, settings: Any, change: Any, reason: str) -> None:
    node = Node(tmp_path, **settings)
    assert reason in await node.hear(notice(**change))
    assert await node.database.read(rounds.every) == ()
    assert await node.database.read(disclosures.all_of) == ()
    assert list((tmp_path / "federation").glob("*")) == []
    node.database.close()


async def test_no_letter_waits_for_the_accountant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working, done = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(*_: object) -> float:
        loop.call_soon_threadsafe(working.set)
        assert done.wait(10)
        return 1.0

    monkeypatch.setattr(accounting, "within", slow)
    node = Node(tmp_path)
    await node.federate.receive(letter(notice()))  # returns, and the letter is taken, while the accountant works
    await working.wait()
    assert "answered before" in await refusal(node, notice())
    done.set()
    await node.federate.considered()
    assert node.answered == [1]
    node.database.close()


async def refusal(node: Node, said: release_pb2.RoundNotice) -> str:
    with pytest.raises(RefusedError) as found:
        await node.federate.receive(letter(said))
    return found.value.what


async def test_a_notice_that_was_not_considered_yet_is_after_a_restart(tmp_path: Path) -> None:
    node = Node(tmp_path)
    (tmp_path / "federation").mkdir()
    (tmp_path / "federation/round-3.notice").write_bytes(notice(number=3).SerializeToString())
    (tmp_path / "federation/round-4.notice").write_bytes(b"\xff")  # killed as it was written
    await node.federate.resume()
    await node.federate.considered()
    assert node.answered == [3]
    assert [one.number for one in await node.database.read(rounds.every)] == [3]
    node.database.close()


async def test_what_is_given_is_clipped_and_in_the_ledger_first(tmp_path: Path) -> None:
    node = Node(tmp_path)
    assert await node.hear(notice()) == ""
    (entry,) = await node.database.read(disclosures.all_of)
    flat = np.frombuffer(entry.payload)
    assert entry.what == "statistics"
    assert len(flat) == contribution.length(len(ITEMS))
    assert 0 < np.linalg.norm(flat) <= 1.0
    assert flat[0] > 0
    assert flat[len(ITEMS) + 3] > 0
    (charged,) = await node.database.read(rounds.every)
    assert charged.epsilon == entry.epsilon > 0
    assert (charged.sampling_rate, charged.sigma) == (0.2, 1.0)
    node.database.close()


async def test_what_is_given_says_what_the_answers_say_of_kernels_where_it_stands_on_the_rounds_release(
    tmp_path: Path,
) -> None:
    vectors = np.random.default_rng(3).normal(size=(len(ITEMS), WIDTH)).astype(np.float32)
    on = feature_space([Item(one, one) for one in ITEMS], vectors, replace(empty(), number=2))
    fitted = learn(on, [Answer(f"{n:032x}", n, ITEMS[n], "", Choice.ACCEPT, "teach") for n in (0, 3)])
    node, told = Node(tmp_path, Known(ITEMS, ANSWERS, learnt=fitted)), []
    for number, base in ((1, 2), (2, 1)):
        assert await node.hear(notice(number=number, base_release=base)) == ""
        entry = (await node.database.read(disclosures.all_of))[number - 1]
        told.append(contribution.blocks(np.frombuffer(entry.payload), len(ITEMS), "light", 1.0).kernels)
    expected = shared_belief(fitted).kernels
    assert expected is not None
    np.testing.assert_allclose(told[0], expected)
    assert not told[1].any()
    node.database.close()


async def test_a_round_is_answered_once_and_a_sixth_of_five_is_not(tmp_path: Path) -> None:
    node = Node(tmp_path, round_cap=5, epsilon_cap=100.0)
    for number in range(1, 6):
        assert await node.hear(notice(number=number)) == ""
    for number, reason in ((5, "answered before"), (6, "at most 5 rounds")):
        assert reason in await node.hear(notice(number=number))
    spent = [one.epsilon for one in await node.database.read(rounds.every)]
    assert spent == sorted(spent)
    node.database.close()


async def test_a_call_to_a_sixth_round_of_five_is_refused_by_name_in_the_log_and_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own, theirs = keys.new(), keys.new()
    card = Member(theirs.agent_public, theirs.ratification_public, theirs.seal_public, b"", "x", "none", 1)

    async def member(_key: bytes) -> Member:
        return card

    database = Database(tmp_path / "node.db")
    reception = Inbox(database, own, member, lambda: 1_000, lambda: None)
    community = Known(ITEMS, ANSWERS, theirs.agent_public)
    node = Node(tmp_path, community, reception.refuse, round_cap=5, epsilon_cap=100.0)

    async def call(number: int, **changes: Any) -> None:
        body = notice(number=number, **changes).SerializeToString()
        where = (bytes([number]) * 16, theirs.agent_public, own.agent_public, 1, START)
        signed = envelope.write(Envelope(*where, 10**13, bytes(16), "round", body), theirs.agent)
        frame = sealing.seal(signed, own.seal_public, own.agent_public)
        await reception.take(frame, {"round": node.federate.receive})
        await node.federate.considered()

    for number in range(1, 6):
        await call(number)
    assert caplog.messages == []
    await call(6)
    await call(7, sigma=0.01)
    assert node.answered == [1, 2, 3, 4, 5]
    sixth = "RefusedError: this node answers at most # rounds"
    assert caplog.messages == [f"a letter was refused: {sixth}"] * 2  # whatever else is wrong with a seventh
    assert await node.database.read(mail.refusals) == {sixth: 2}
    (check,) = refused_letters(Home(tmp_path))
    assert (check.ok, check.detail) == (True, f"2 x {sixth}")
    node.database.close()
    database.close()


async def test_what_is_refused_after_it_was_taken_is_in_the_log_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database, nobody = Database(tmp_path / "node.db"), cast(Any, None)
    inbox = Inbox(database, nobody, nobody, nobody, nobody)
    node = Node(tmp_path, refuse=inbox.refuse, epsilon_cap=0.5)
    assert refused_letters(Home(tmp_path)) == ()
    await node.hear(notice())
    (reason,) = await node.database.read(mail.refusals)
    assert reason == "RefusedError: this round would bring epsilon to #.#, above this node's cap"
    assert caplog.messages == [f"a letter was refused: {reason}"]
    node.database.close()
    database.close()


@pytest.mark.slow
async def test_cheap_rounds_after_dear_ones_cost_what_both_did(tmp_path: Path) -> None:
    node = Node(tmp_path)
    assert await node.hear(notice(number=20, sigma=1.0)) == ""
    assert await node.hear(notice(number=21, sigma=100.0)) == ""
    first, second = [one.epsilon for one in await node.database.read(rounds.every)]
    both = accounting.composed((accounting.Spent(0.2, 1.0, 20), accounting.Spent(0.2, 100.0, 1)), 1e-5)
    assert second == pytest.approx(both)
    assert second > first > 5.0  # by the newest rules alone all 21 would have cost less than a tenth
    node.database.close()


async def test_only_the_coordinator_calls_rounds(tmp_path: Path) -> None:
    node = Node(tmp_path)
    with pytest.raises(RefusedError, match="not the coordinator"):
        await node.federate.receive(letter(notice(), sender=bytes(32)))
    bad = Envelope(bytes(16), COORDINATOR, bytes(32), 1, START, 10**13, bytes(16), "round", b"\xff\xff")
    with pytest.raises(MalformedError):
        await node.federate.receive(bad)
    node.database.close()


RULES = "[aggregation]\nsampling_rate = 0.2\nsigma = {sigma}\ndelta = 1e-5\nepsilon_cap = 10.0\n"
CHARTER_KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)


def amended(*sigmas: float) -> Membership:
    """Of a community whose charter asked for this noise, then for that."""
    public = CHARTER_KEY.public_key().public_bytes_raw()
    chain = charters.begin(RULES.format(sigma=sigmas[0]))
    for sigma in sigmas[1:]:
        raw = charters.write(chain, RULES.format(sigma=sigma), 1, CHARTER_KEY)
        chain = charters.follow(chain, raw, public)
    return Membership(chain.community.hex(), "commons", "", "", "", public.hex(), "").under(chain)


async def test_a_round_is_answered_by_what_its_person_agreed_to_and_by_nothing_else(tmp_path: Path) -> None:
    known = Known(ITEMS, ANSWERS)
    known.membership = amended(1.0)
    node = Node(tmp_path, known)
    assert await node.hear(notice(number=1)) == ""
    other = "a round by other rules than those of the charter that this node's person agreed to"
    for changes in (
        {"sigma": 0.9},
        {"sampling_rate": 0.3},
        {"delta": 1e-6},
    ):  # before the charter says so, or without it
        assert await node.hear(notice(number=2, **changes)) == other
    known.membership = amended(1.0, 0.9)
    waits = "the charter changed what rounds cost, and this node's person has not agreed to that yet"
    for sigma in (1.0, 0.9):
        assert await node.hear(notice(number=2, sigma=sigma)) == waits
    assert not list((tmp_path / "federation").glob("round-2*"))
    assert node.answered == [1]
    await charter.agree(node.database, known.membership, 1, 5)
    assert await node.hear(notice(number=2, sigma=1.0)) == other
    assert await node.hear(notice(number=2, sigma=0.9)) == ""
    assert node.answered == [1, 2]
    known.membership = amended(1.0, 0.9, 1.0)  # back again: that was agreed to once, and is not what holds
    assert await node.hear(notice(number=3)) == waits
    node.database.close()


async def test_a_charter_that_costs_the_same_again_needs_no_word(tmp_path: Path) -> None:
    known = Known(ITEMS, ANSWERS)
    known.membership = amended(1.0, 0.9, 1.0)
    node = Node(tmp_path, known)
    assert await node.hear(notice(number=1)) == ""
    node.database.close()
