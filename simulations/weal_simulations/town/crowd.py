"""A crowd: one process that holds some hundreds of identities, each an ordinary member of a community.

Every identity joins with an invite of its own, has its own keys, signs in, waits for mail, and answers the rounds it is drawn
for through the same Fleet API as a node, with its own clipped statistics computed from its own votes by the node's
reward code. It has no vault and no page. What it shares is the texts' embeddings, and a connection with a few others.

    python -m weal_simulations.town.crowd --job FILE

FILE is JSON: {"home": folder for the certificate, "invites": [text, ...], "votes": [{item id: 1 or -1, ...}, ...] one a
person and as many as invites, "texts": {item id: text} of all statements, "publish": true to put them into the
commons}. Prints one line {"ready": n} when everyone has joined and the statements are published. Ends on SIGTERM.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError

from weal_node import keys as keyring
from weal_node.errors import CommunityError
from weal_node.federation.contribution import Ask, OwnAnswers, statistics
from weal_node.keys import Keys
from weal_node.mind.feature_space import FeatureSpace, feature_space
from weal_node.outbound.channel import connect, pinned_certificate
from weal_node.outbound.community import Community
from weal_node.records import Answer, Choice, Item
from weal_node.reward import kernels
from weal_node.reward.head import Rows, rows
from weal_node.reward.posterior import Posterior, fit
from weal_node.worker import TorchWorker
from weal_protocol import cards, envelope, invite, record, release, sealing
from weal_protocol.contribution import layout_of
from weal_protocol.errors import WealError
from weal_protocol.representation import SHARED, Vector, empty
from weal_protocol.v1 import release_pb2

FLEET_THREADS = 24  # most of their time they wait
JOINING = 16  # at once
TOGETHER = 8  # people on one connection: each waits for mail in one call, and a coordinator takes no more than 32 of a connection
PUBLISH = 200  # records a call
WAIT_MS = 55_000
PAUSE_S = 2.0
TIER = "factors"
FIFTH = 5


@dataclass(frozen=True, slots=True)
class CrowdIdentity:
    """One person of the crowd."""

    keys: Keys
    community: Community
    votes: Mapping[str, int]


class Crowd:
    """Everyone, on one event loop."""

    def __init__(self, home: Path, texts: Mapping[str, str]) -> None:
        self._home = home
        self._texts = dict(texts)
        self._worker = TorchWorker()
        self._fleet = ThreadPoolExecutor(FLEET_THREADS, thread_name_prefix="fleet")
        self._vectors = np.zeros((0, 0), np.float32)
        self._ground: FeatureSpace | None = None
        self._catalogue: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._looking = asyncio.Lock()
        self.people: list[CrowdIdentity] = []

    async def join(self, invites: Sequence[str], votes: Sequence[Mapping[str, int]]) -> None:
        """Let everyone join, TOGETHER of them over one connection."""
        first = invite.parse(invites[0])
        certificate = await asyncio.to_thread(pinned_certificate, first)
        (self._home / "certificate.pem").write_bytes(certificate)
        channels = [connect(first.grpc, certificate) for _ in range(0, len(invites), TOGETHER)]
        gate = asyncio.Semaphore(JOINING)

        async def one(number: int, text: str) -> CrowdIdentity:
            keys, given, channel = keyring.new(), invite.parse(text), channels[number // TOGETHER]
            card = cards.issue(
                cards.Member(
                    keys.agent_public,
                    keys.ratification_public,
                    keys.seal_public,
                    keys.fleet_public,
                    f"person {number}",
                    TIER,
                    time.time_ns() // 1_000_000,
                ),
                keys.agent,
            )
            async with gate:
                membership = await Community.enrol(given, keys, card, certificate, channel)
            path = self._home / "certificate.pem"
            return CrowdIdentity(keys, Community(membership, certificate, keys, path, channel), votes[number])

        self.people = list(await asyncio.gather(*(one(number, text) for number, text in enumerate(invites))))

    async def publish(self) -> None:
        """Let the first person put the statements into the commons."""
        first, now = self.people[0], time.time_ns() // 1_000_000
        made = [
            record.make("item", text.encode(), author=first.keys.agent, salt=secrets.token_bytes(16), written_ms=now)
            for text in self._texts.values()
        ]
        for start in range(0, len(made), PUBLISH):
            await first.community.publish(made[start : start + PUBLISH])

    async def read(self) -> None:
        """Embed the statements once, for everyone."""
        vectors = await self._worker.embed(list(self._texts.values()))
        self._vectors = vectors

    async def live(self) -> None:
        """Wait for mail and answer rounds until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for person in self.people:
                tasks.create_task(self._attend(person))

    async def _attend(self, person: CrowdIdentity) -> None:
        while True:
            try:
                for number, ciphertext in await person.community.fetch(WAIT_MS):
                    with contextlib.suppress(
                        WealError, DecodeError
                    ):  # a letter that is no round's is not for the crowd
                        await self._answer(person, ciphertext)
                    await person.community.ack([number])
            except CommunityError:
                await asyncio.sleep(PAUSE_S)

    async def _answer(self, person: CrowdIdentity, ciphertext: bytes) -> None:
        signed = sealing.unseal(ciphertext, person.keys.seal, person.keys.agent_public)
        letter, _ = envelope.read(signed, time.time_ns() // 1_000_000)
        if letter.kind != "round" or letter.sender != person.community.coordinator:
            return
        notice = release_pb2.RoundNotice.FromString(letter.body)
        catalogue, on = (
            await self._asked(person, notice.catalogue_sha256),
            await self._laid(person, notice.base_release),
        )
        ask = Ask(layout_of(notice.tier), catalogue, notice.clip, notice.base_release)
        flat = await asyncio.to_thread(lambda: statistics(_own(on, person.votes), ask, TIER))
        await asyncio.get_running_loop().run_in_executor(self._fleet, self._send, person, notice, flat)

    async def _asked(self, person: CrowdIdentity, digest: bytes) -> tuple[str, ...]:
        """Return the items of a round; fetched once a round, for everyone."""
        async with self._looking:
            if self._catalogue[0] != digest:
                self._catalogue = digest, await person.community.catalogue(digest)
            return self._catalogue[1]

    async def _laid(self, person: CrowdIdentity, base: int) -> FeatureSpace:
        """Return the states under the newest release; fetched once a release, for everyone."""
        async with self._looking:
            if self._ground is not None and self._ground.representation.number == base:
                return self._ground
            found = await person.community.release()
            number = release_pb2.Manifest.FromString(found.manifest).number if found else 0
            if self._ground is None or self._ground.representation.number != number:
                representation = empty()
                if found is not None:
                    community = bytes.fromhex(person.community.id)
                    _, representation = release.read(found, person.community.coordinator, community)
                states = [Item(item, text) for item, text in self._texts.items()]
                self._ground = await asyncio.to_thread(feature_space, states, self._vectors, representation)
            return self._ground

    def _send(self, person: CrowdIdentity, notice: release_pb2.RoundNotice, flat: Vector) -> None:
        from weal_node.federation.fleet.fleet import Job, answer  # Flower takes a second: after everyone has joined

        answer(
            Job(
                address=notice.fleet_address,
                certificate=self._home / "certificate.pem",
                key=person.keys.fleet,
                node=notice.fleet_node,
                number=notice.number,
                catalogue=notice.catalogue_sha256.hex(),
                statistics=flat,
                deadline=notice.deadline_ms / 1_000,
            )
        )


def _own(on: FeatureSpace, votes: Mapping[str, int]) -> OwnAnswers:
    """Return what a person has: votes, head, and how many of every FIFTH vote the others predict, by the node's own code."""
    items = list(votes.items())
    kept = [pair for number, pair in enumerate(items) if number % FIFTH]
    asked = [pair for number, pair in enumerate(items) if not number % FIFTH and pair[0] in on.index]
    guessing = _fit(on, kept).mean
    right = [(on.bias[on.index[item]] + on.phi[on.index[item]] @ guessing > 0) == (vote > 0) for item, vote in asked]
    posterior = _fit(on, items)
    mean, variance = posterior.mean[:SHARED], np.diag(posterior.covariance)[:SHARED].copy()
    spoken = kernels.mixture(_rows(on, items), on.prior, on.space) if on.representation.number else None
    return OwnAnswers(on, items, mean, variance, sum(right) / len(right) if right else None, spoken)


def _fit(on: FeatureSpace, votes: Sequence[tuple[str, int]]) -> Posterior:
    return fit(_rows(on, votes), on.prior)


def _rows(on: FeatureSpace, votes: Sequence[tuple[str, int]]) -> Rows:
    answers = [Answer(item, 0, item, "", Choice.ACCEPT if vote > 0 else Choice.REJECT, "teach") for item, vote in votes]
    return rows(answers, on.index, on.phi, on.bias)


async def run(job: Path) -> None:
    """Join, publish, read, say that everyone is ready, and live until a signal."""
    said = json.loads(await asyncio.to_thread(job.read_text))
    crowd = Crowd(Path(said["home"]), said["texts"])
    await crowd.join(said["invites"], said["votes"])
    if said["publish"]:
        await crowd.publish()
    await crowd.read()
    living = asyncio.create_task(crowd.live())
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, living.cancel)
    print(json.dumps({"ready": len(crowd.people)}), flush=True)
    with contextlib.suppress(asyncio.CancelledError):
        await living
    os._exit(0)  # a thread may be waiting for the SuperLink until its round's deadline; nothing here needs saving


def main() -> None:
    """Read the command line."""
    os.environ.update(FLWR_TELEMETRY_ENABLED="0", FLWR_DISABLE_UPDATE_CHECK="1", OMP_NUM_THREADS="1")
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True)
    job = parser.parse_args().job
    os.environ["FLWR_HOME"] = str(job.parent)
    asyncio.run(run(job))


if __name__ == "__main__":
    main()
