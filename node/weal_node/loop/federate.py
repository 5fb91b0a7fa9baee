"""Federate: answer a round with clipped statistics, or refuse it by name.

The statistics are computed here, written into the ledger, and handed to a process of its own that can send them and see
nothing else (node/decisions/0001).
"""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError
from safetensors.numpy import save_file

from weal_node.config import Home, Settings
from weal_node.errors import RefusedError
from weal_node.loop.contribute import Ask, Own, statistics
from weal_node.loop.hide import hidden
from weal_node.loop.judge import Mind
from weal_node.outbound.community import Community
from weal_node.reward import local
from weal_node.store import disclosures, gate, rounds, tiers
from weal_node.store.database import Database
from weal_protocol import accounting
from weal_protocol.contribution import LAYOUTS
from weal_protocol.envelope import Envelope
from weal_protocol.errors import MalformedError
from weal_protocol.v1 import release_pb2 as pb

GRACE_S = 5.0
AGAIN_S = 1.0
FAILED = ""
FEWEST_GUESSES = 5  # answers guessed beforehand, below which nothing is reported of how many were right


class Federate:
    """Answers round notices of one community."""

    def __init__(
        self,
        place: Home,
        settings: Settings,
        database: Database,
        mind: Mind,
        community: Community,
        clock: Callable[[], int],
    ) -> None:
        self._place = place
        self._settings = settings
        self._database = database
        self._mind = mind
        self._community = community
        self._clock = clock
        self._answering: set[asyncio.Task[None]] = set()
        self._begun: set[int] = set()

    async def receive(self, letter: Envelope) -> None:
        """Take a letter of kind "round": check it, charge our own ledger, and answer in the background."""
        if letter.sender != self._community.coordinator:
            raise RefusedError("a round notice from someone who is not the coordinator")
        try:
            notice = pb.RoundNotice.FromString(letter.body)
        except DecodeError as fault:
            raise MalformedError("a round notice cannot be read") from fault
        tier = await self._database.read(tiers.chosen)
        spent = await self._check(notice, tier)
        flat = await self._statistics(notice, tier)
        path = self._place.federation / f"round-{notice.number}.safetensors"
        self._place.federation.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(save_file, {"flat": flat}, path)
        now, before = self._clock(), await self.epsilon()

        def enter(connection: sqlite3.Connection) -> None:
            rounds.charge(connection, notice.number, spent, now)
            cost = max(spent - before, 0.0)
            disclosures.write(connection, now, "coordinator", "statistics", flat.tobytes(), flat.nbytes, epsilon=cost)

        await asyncio.to_thread(path.with_suffix(".notice").write_bytes, letter.body)
        await self._database.write(enter)
        self._begin(notice)

    async def resume(self) -> None:
        """Answer what was charged and not answered when the node was stopped or killed."""
        for one in await self._database.read(rounds.every):
            if one.state != rounds.CHARGED or one.number in self._begun:
                continue
            path = self._place.federation / f"round-{one.number}.notice"
            if await asyncio.to_thread(path.is_file):
                self._begin(pb.RoundNotice.FromString(await asyncio.to_thread(path.read_bytes)))

    def _begin(self, notice: pb.RoundNotice) -> None:
        self._begun.add(notice.number)
        task = asyncio.create_task(self._answer(notice, f"round-{notice.number}.safetensors"))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def epsilon(self) -> float:
        """Return what this node has spent, by its own reckoning."""
        past = await self._database.read(rounds.every)
        return max((one.epsilon for one in past), default=0.0)

    async def _check(self, notice: pb.RoundNotice, tier: str) -> float:
        """Return epsilon after this round by our own accounting; RefusedError names the cap it would pass.

        We see only rounds we were drawn for, so we count every round there was up to this one: never too few.
        """
        past = await self._database.read(rounds.every)
        if tier == tiers.NOTHING:
            raise RefusedError("this node gives nothing to aggregation")
        if any(one.number >= notice.number for one in past):
            raise RefusedError("this round, or a later one, was answered before")
        if len(past) >= self._settings.round_cap:
            raise RefusedError(f"this node answers at most {self._settings.round_cap} rounds")
        if notice.tier not in LAYOUTS or notice.aggregation != "central":
            raise RefusedError("a round of a kind that is not known here")
        sane = 0 < notice.sampling_rate <= 1 and notice.sigma > 0 and 0 < notice.clip < 1e6 and 0 < notice.delta < 0.1
        if not sane or notice.number > 100_000:
            raise RefusedError("a round whose parameters make no sense")
        spent = await asyncio.to_thread(
            accounting.epsilon, notice.number, notice.sampling_rate, notice.sigma, notice.delta
        )
        # Rules may have been laxer before: where the coordinator's own ledger says more, that counts.
        spent = max(spent, notice.epsilon_after)
        if not spent <= self._settings.epsilon_cap:
            raise RefusedError(f"this round would bring epsilon to {spent:.2f}, above this node's cap")
        before = await self._database.read(lambda connection: tiers.rounds_under(connection, "local"))
        own = local.epsilon(before + 1) if tier == "local" else 0.0
        if own > self._settings.local_epsilon_cap:
            raise RefusedError(f"this round would bring epsilon against anyone to {own:.2f}, above this node's cap")
        return spent

    async def _statistics(self, notice: pb.RoundNotice, tier: str) -> npt.NDArray[np.float64]:
        """Return what is given, by tier; see contribute.py."""
        catalogue = await self._community.catalogue(notice.catalogue_sha256)
        ask = Ask(notice.tier, catalogue, notice.clip, notice.base_release)
        belief = self._mind.belief()
        if tier == "label-private":
            cap = self._settings.label_epsilon_cap
            mean, variance = await hidden(self._database, belief, notice.number, cap, self._clock)
            return statistics(Own(belief.ground, (), mean, variance), ask, tier)
        mean, covariance = self._mind.head()
        guesses = await self._database.read(lambda connection: gate.guesses(connection, audits_only=False))
        right = sum(one.right for one in guesses) / len(guesses) if len(guesses) >= FEWEST_GUESSES else None
        own = Own(belief.ground, self._mind.labels_on_items(), mean, np.diag(covariance).copy(), right)
        return await asyncio.to_thread(statistics, own, ask, tier)

    async def _answer(self, notice: pb.RoundNotice, statistics: str) -> None:
        """Run the process that answers, again when it is killed, and note down what became of it."""
        folder = self._place.federation
        job = folder / f"round-{notice.number}.json"
        said = {
            "address": notice.fleet_address,
            "certificate": str(self._community.certificate_path),
            "key": str(self._place.keys / "fleet.pem"),
            "node": notice.fleet_node,
            "number": notice.number,
            "catalogue": notice.catalogue_sha256.hex(),
            "statistics": str(folder / statistics),
            "deadline": notice.deadline_ms / 1_000,
        }
        await asyncio.to_thread(job.write_text, json.dumps(said))
        state = rounds.LATE
        while state == rounds.LATE and (left_ms := notice.deadline_ms - self._clock()) > 0:
            state = await self._process(job, left_ms / 1_000 + GRACE_S)
            if state == FAILED:  # killed: what it had received is in its inbox
                await asyncio.sleep(AGAIN_S)
                state = rounds.LATE
        await self._database.write(lambda connection: rounds.settle(connection, notice.number, state))
        for leftover in folder.glob(f"round-{notice.number}.*"):
            leftover.unlink(missing_ok=True)

    async def _process(self, job: Path, patience_s: float) -> str:
        """Run the process once; return "answered", the reason why not, or FAILED when it ended without a word."""
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | {
            "HOME": str(job.parent)
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "weal_node.federation", "--job", str(job),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            out, _ = await asyncio.wait_for(process.communicate(), patience_s)
            found = json.loads(out.splitlines()[-1])
            return rounds.ANSWERED if found["answered"] else str(found["reason"])[:200]
        except TimeoutError:
            return rounds.LATE
        except (ValueError, KeyError, IndexError):
            return FAILED
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()

    async def close(self) -> None:
        """Stop answering."""
        for task in tuple(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
