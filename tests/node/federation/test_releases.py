"""A release is used when it is the coordinator's, newer, over the same features, and predicts this person no worse."""

import hashlib
import json
import re
import struct
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from support.minds import ITEMS, Embedder
from weal_node.config import Home
from weal_node.errors import NotFoundError, RefusedError
from weal_node.features.projection import shipped
from weal_node.federation import releases as adopt
from weal_node.federation.backtest import Backtest, losses, trial
from weal_node.federation.releases import adopt_latest, decided, go_back
from weal_node.mind.mind import Mind
from weal_node.records import Answer, Choice
from weal_node.store import answers as labels
from weal_node.store import releases
from weal_node.store.database import Database
from weal_node.upkeep.doctor import log_of_releases
from weal_protocol import release, release_log, signing
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.representation import AXES, ENCODER_SHA256, PROJECTION_SHA256, SHARED, Representation
from weal_protocol.v1 import release_pb2

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
DIGEST = b"m" * 32
LIKED = tuple(sorted(state.id for state in ITEMS)[:20])  # the person says yes to these and no to the rest


class Community:
    """Stands for the coordinator, which shows a log of releases."""

    id = DIGEST.hex()
    coordinator = KEY.public_key().public_bytes_raw()

    def __init__(self) -> None:
        self.log: list[release_pb2.Release] = []

    async def release(self, number: int) -> release_pb2.Release | None:
        return next((one for one in self.log if release_log.entry(one.manifest).number == number), None)

    async def manifests(self, after: int) -> tuple[release_log.Entry, ...]:
        signed = [release_pb2.SignedManifest(manifest=one.manifest, signature=one.signature) for one in self.log]
        read = [release_log.read(one, self.coordinator, bytes.fromhex(self.id)) for one in signed]
        return tuple(one for one in read if one.number > after)


def made(
    number: int,
    agrees: float = 0.0,
    projection: str = PROJECTION_SHA256,
    encoder: str = ENCODER_SHA256,
    key: Ed25519PrivateKey = KEY,
    previous: bytes = release_log.FIRST,
) -> release_pb2.Release:
    """A release whose items' biases agree with what the person answers, or say the opposite, or nothing."""
    items = tuple(sorted(state.id for state in ITEMS))
    bias = np.array([agrees if item in LIKED else -agrees for item in items])
    content = Representation(
        items, bias, np.full(40, 0.1), np.zeros((40, AXES)), np.full(SHARED, 1e-3 * number), np.eye(SHARED), number
    )
    said = release.Manifest(number, DIGEST, number, 300, 1.0, 1e-5, 1, encoder, projection, previous_sha256=previous)
    return release.write(content, said, key)


class Node:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database, self.worker, self.community = Database(folder / "node.db"), Embedder(), Community()
        self.mind = Mind(self.database, self.worker, lambda: 1)

    async def answers(self, count: int) -> None:
        """Let the person answer so many statements, liked and disliked in turn."""
        order = [one for pair in zip(LIKED, sorted({s.id for s in ITEMS} - set(LIKED)), strict=True) for one in pair]
        for number, item in enumerate(order[:count]):
            choice = Choice.ACCEPT if item in LIKED else Choice.REJECT
            answer = Answer(f"{number:032x}", number, item, "", choice, "teach")
            await self.database.write(partial(labels.add, answer=answer))
        await self.mind.add_items(ITEMS)
        await self.mind.relearn()

    async def adopt(self, number: int, **said: Any) -> int:
        """Let the coordinator's log end with this release, which is made like this where it is new."""
        self.shows(number, **said)
        return await self.look()

    def shows(self, number: int, **said: Any) -> None:
        log = self.community.log
        if number > len(log):
            before = release_log.before(log[-1].manifest if log else None)
            log.append(made(number, **{"previous": before} | said))

    async def look(self) -> int:
        return await adopt_latest(cast(Any, self.community), self.mind, self.database, lambda: 5)

    async def refused(self) -> list[str]:
        return [one.why for one in await self.database.read(releases.history) if one.act == releases.FORKED]

    async def history(self) -> list[tuple[int, str]]:
        return [(one.number, one.act) for one in await self.database.read(releases.history)]

    def close(self) -> None:
        self.worker.close()
        self.database.close()


@pytest.fixture
async def node(tmp_path: Path) -> Any:
    made_ = Node(tmp_path)
    await made_.mind.start()
    yield made_
    made_.close()


async def test_the_newest_release_is_used_and_kept_over_a_restart(node: Node) -> None:
    assert await adopt_latest(cast(Any, node.community), node.mind, node.database, lambda: 1) == 0
    for number in (1, 2, 3):
        assert await node.adopt(number) == number
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert again.release == 3
    assert again.head()[0].tolist() == node.mind.head()[0].tolist()
    with pytest.raises(ForgedError):
        await node.adopt(4, key=OTHER)
    node.community.log.pop()
    assert node.mind.release == 3
    assert await node.history() == [(1, "adopted"), (2, "adopted"), (3, "adopted"), (0, "refused")]


@pytest.mark.parametrize("other", [{"encoder": "0" * 64}, {"projection": "0" * 64}])
async def test_of_a_release_made_under_another_encoder_only_what_it_says_of_items_counts(
    node: Node, other: dict[str, str]
) -> None:
    assert await node.adopt(1, agrees=1.0, **other) == 1
    used = node.mind.fitted().features.representation
    assert used.bias.tolist() == [1.0 if item in LIKED else -1.0 for item in used.items]
    assert used.prior_mean[: 1 + AXES].tolist() == [1e-3] * (1 + AXES)
    assert not used.prior_mean[1 + AXES :].any()
    assert not used.text_map.any()
    (entry,) = await node.database.read(releases.history)
    assert entry.why.endswith(adopt.BY_ID)
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert again.head()[0].tolist() == node.mind.head()[0].tolist()
    assert await node.adopt(2) == 2
    assert node.mind.fitted().features.representation.prior_mean[-1] == 2e-3


async def test_whoever_was_away_takes_the_newest_and_sees_that_all_between_follow(node: Node) -> None:
    await node.adopt(1)
    for number in (2, 3):
        node.shows(number)
    assert await node.adopt(4) == 4
    assert await node.history() == [(1, "adopted"), (4, "adopted")]
    head = await node.database.read(releases.held)
    assert head is not None
    (check,) = log_of_releases(Home(node.folder))
    assert check.ok
    assert check.detail == f"ends with release 4, {release_log.digits(head.sha256)}"
    assert head.sha256 == release_log.before(node.community.log[-1].manifest)


async def test_another_release_in_the_place_of_one_that_came_is_refused_and_an_alarm(node: Node) -> None:
    for number in (1, 2):
        await node.adopt(number)
    true = list(node.community.log)
    node.community.log[1] = made(2, agrees=1.0, previous=release_log.before(true[0].manifest))
    for _ in range(3):
        assert await node.look() == 2  # seen at every look, written down once
    (why,) = await node.refused()
    assert why.startswith("the coordinator shows release 2 (")
    node.shows(3)  # and what is built upon it is refused too
    assert await node.look() == 2
    assert await node.refused() == [why]
    node.community.log[:] = true
    assert await node.adopt(3) == 3  # what follows from what this node has is used as before
    found = (await adopt.look(node.database)).as_json()
    assert found["forks"] == [why]  # and the alarm stays
    (check,) = log_of_releases(Home(node.folder))
    assert (check.name, check.ok, check.detail) == ("log of releases", False, why)
    assert (found["using"], found["head"]["number"]) == (3, 3)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (lambda log: [log[0], made(2, previous=b"x" * 32)], "release 2 (.*) does not follow release 1"),
        (lambda log: [log[0], made(2)], "release 2 (.*) does not follow release 1"),
        (lambda log: [log[0], made(2, previous=b"")], "release 2 (.*) does not follow release 1"),
        (lambda log: [log[0], made(3, previous=release_log.before(log[0].manifest))], "release 3 .* not follow"),
        (lambda log: [], "no release 1 (.*) any more, which this node holds"),
        (lambda log: [made(2, previous=release_log.before(log[0].manifest))], "leaves out release 1"),
    ],
)
async def test_a_log_that_does_not_go_on_from_what_came_is_refused_by_name(node: Node, shown: Any, said: str) -> None:
    await node.adopt(1)
    node.community.log = shown(node.community.log)
    assert await node.look() == 1
    (why,) = await node.refused()
    assert re.search(said, why)
    assert (await node.history())[0] == (1, "adopted")


async def test_a_log_whose_beginning_is_hidden_is_refused_from_the_start(node: Node) -> None:
    node.community.log = [made(5, previous=b"x" * 32)]
    assert await node.look() == 0
    assert "does not begin with the first release" in (await node.refused())[0]


async def test_releases_from_before_there_was_a_log_are_its_beginning(node: Node) -> None:
    for number in (1, 2):
        assert await node.adopt(number, previous=b"") == number
    assert await node.adopt(3) == 3
    assert await node.adopt(4, previous=b"") == 3  # from the first that is in the log on, all are
    assert "release 4 (" in (await node.refused())[0]


async def test_another_community_has_a_log_of_its_own(node: Node) -> None:
    for number in (1, 2):
        await node.adopt(number)
    node.community.id, node.community.log = (b"another" * 5)[:32].hex(), []
    manifest = release_pb2.Manifest.FromString(made(1, agrees=1.0).manifest)
    manifest.community = bytes.fromhex(node.community.id)
    raw = manifest.SerializeToString(deterministic=True)
    node.community.log = [
        release_pb2.Release(
            manifest=raw, signature=signing.sign(KEY, "manifest", raw), tensors=made(1, agrees=1.0).tensors
        )
    ]
    assert await node.look() == 1
    assert await node.refused() == []
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert (
        again.fitted().features.representation.bias[0] != 0.0
    )  # that community's, not the old one's of the same number


def holding(number: int, value: float, previous: bytes) -> release_pb2.Release:
    """A really signed release of which one number is this value: a coordinator that checks nothing would write it so."""
    good = made(number, previous=previous)
    size = int.from_bytes(good.tensors[:8], "little")
    start = 8 + size + json.loads(good.tensors[8 : 8 + size])["prior_mean"]["data_offsets"][0]
    tensors = good.tensors[:start] + struct.pack("<d", value) + good.tensors[start + 8 :]
    said = release_pb2.Manifest.FromString(good.manifest)
    said.tensors_sha256 = hashlib.sha256(tensors).digest()
    manifest = said.SerializeToString(deterministic=True)
    return release_pb2.Release(manifest=manifest, signature=signing.sign(KEY, "manifest", manifest), tensors=tensors)


@pytest.mark.parametrize("value", [np.nan, np.inf])
async def test_a_signed_release_with_what_is_no_number_is_entered_as_refused_once(node: Node, value: float) -> None:
    await node.adopt(1)
    node.community.log.append(holding(2, value, release_log.before(node.community.log[0].manifest)))
    for _ in range(3):  # it is shown at every look
        with pytest.raises(MalformedError, match="prior_mean in a release holds a value that is not a number"):
            await node.look()
    assert await node.history() == [(1, "adopted"), (2, "refused")]
    assert "not a number" in (await node.database.read(releases.history))[-1].why
    assert node.mind.release == 1
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert again.release == 1
    with pytest.raises(NotFoundError, match="no release 2"):
        await go_back(node.mind, node.database, lambda: 1, 2)
    node.community.log.pop()
    assert await node.adopt(2) == 2  # the same number, mended, is no fork: the other was not kept
    assert await node.adopt(3) == 3
    assert (await adopt.look(node.database)).as_json()["forks"] == []


async def test_forged_releases_are_entered_but_cannot_fill_the_history_or_keep_true_ones_away(node: Node) -> None:
    unreadable = release_pb2.Release(manifest=b"\xff", signature=b"", tensors=b"")
    for forged in (made(7, key=OTHER), made(8, key=OTHER), unreadable):  # anyone may write any number
        node.community.log = [forged]
        with pytest.raises(ForgedError):
            await node.look()
    assert await node.history() == [(0, "refused")]
    assert "signature" in (await node.database.read(releases.history))[0].why
    node.community.log = []
    assert await node.adopt(1) == 1
    found = (await adopt.look(node.database)).as_json()
    assert [one["act"] for one in found["history"]] == ["refused", "adopted"]
    assert found["forks"] == []


@pytest.mark.slow
async def test_a_release_that_predicts_worse_is_kept_unused_and_said_so(node: Node) -> None:
    await node.answers(40)
    assert await node.adopt(1, agrees=1.0) == 1
    assert await node.adopt(2, agrees=-1.5) == 1
    assert await node.adopt(2, agrees=-1.5) == 1  # it is tried once, not at every look
    assert await node.history() == [(1, "adopted"), (2, "kept the old one")]
    good, bad = await node.database.read(releases.history)
    assert good.why.startswith("better: log-loss")
    assert "predicts you worse: log-loss" in bad.why
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert again.release == 1
    assert await node.adopt(3, agrees=1.0) == 3  # as good as the one in use


@pytest.mark.slow
async def test_what_was_taken_back_stays_back_until_a_newer_one_is_better(node: Node) -> None:
    await node.answers(40)
    for number in (1, 2):
        assert await node.adopt(number, agrees=0.5) == number
    assert await go_back(node.mind, node.database, lambda: 9) == 1
    assert node.mind.release == 1
    assert await node.adopt(2, agrees=0.5) == 1
    assert await node.adopt(3, agrees=0.5) == 1  # no better than the one that the person went back to
    assert await node.adopt(4, agrees=2.0) == 4
    assert await node.history() == [
        (1, "adopted"),
        (2, "adopted"),
        (1, "rolled back"),
        (3, "kept the old one"),
        (4, "adopted"),
    ]


async def test_the_person_goes_back_to_the_beginning_and_forth(node: Node) -> None:
    with pytest.raises(RefusedError, match="nothing to go back from"):
        await go_back(node.mind, node.database, lambda: 1)
    await node.adopt(1)
    await node.adopt(2)
    assert await go_back(node.mind, node.database, lambda: 1) == 1
    assert await go_back(None, node.database, lambda: 1) == adopt.BUILT_IN  # while no node runs
    again = Mind(node.database, node.worker, lambda: 1)
    await again.start()
    assert again.release == 0
    assert await go_back(again, node.database, lambda: 1, 2) == again.release == 2
    with pytest.raises(NotFoundError, match="no release 7"):
        await go_back(again, node.database, lambda: 1, 7)
    with pytest.raises(RefusedError, match="in use already"):
        await go_back(again, node.database, lambda: 1, 2)


@pytest.mark.slow
async def test_a_question_is_never_predicted_by_its_own_answer(node: Node) -> None:
    await node.answers(20)
    on, log = node.mind.fitted().features, node.mind.fitted().answers
    turned = tuple(
        Answer(
            one.id, one.at_ms, one.item, "", Choice.REJECT if one.choice is Choice.ACCEPT else Choice.ACCEPT, "teach"
        )
        for one in log
        if one.item == log[0].item
    )
    honest, lied = losses(on, log, log[:1]), losses(on, (*turned, *log[1:]), log[:1])
    assert honest.tolist() == lied.tolist()
    assert trial(node.mind.fitted(), on.representation).new == trial(node.mind.fitted(), on.representation).old


@pytest.mark.parametrize(
    ("tried", "back", "act"),
    [
        (Backtest(4), False, "adopted"),
        (Backtest(4), True, "kept the old one"),
        (Backtest(30, 0.5, 0.5, 0.0), False, "adopted"),
        (Backtest(30, 0.5, 0.52, 0.03), False, "adopted"),  # within what chance plays
        (Backtest(30, 0.5, 0.6, 0.03), False, "kept the old one"),
        (Backtest(30, 0.5, 0.5, 0.03), True, "kept the old one"),
        (Backtest(30, 0.5, 0.4, 0.03), True, "adopted"),
    ],
)
def test_what_becomes_of_a_release(tried: Backtest, back: bool, act: str) -> None:
    assert decided(tried, back)[0] == act


def test_the_protocol_names_the_projection_that_is_shipped() -> None:
    assert shipped().digest == PROJECTION_SHA256
