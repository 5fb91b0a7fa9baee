"""Answer a round with clipped statistics, or refuse it by name.

The statistics are computed here, written into the ledger, and handed to a process of its own that can send them and see
nothing else (node/decisions/0001).
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError
from safetensors.numpy import save_file

from weal_node.config import Home, Settings
from weal_node.errors import OWN_FAULTS, RefusedError, UnreachableError
from weal_node.federation import charter, restored
from weal_node.federation.contribution import Ask, OwnAnswers, statistics
from weal_node.federation.private_training import TrainingTerms, hidden
from weal_node.federation.round_terms import Agreement, refuse_unfit, spent_after
from weal_node.mind.fitted_model import shared_belief
from weal_node.mind.mind import Mind
from weal_node.outbound.community import Community
from weal_node.reward import local
from weal_node.store import disclosures, gate, restores, rounds, tiers
from weal_node.store.database import Database
from weal_protocol.contribution import layout_of
from weal_protocol.envelope import Envelope
from weal_protocol.errors import MalformedError, WealError
from weal_protocol.v1 import release_pb2

log = logging.getLogger(__name__)
GRACE_S = 5.0
AGAIN_S = 1.0
MOST_AT_ONCE = 8  # rounds that are considered or answered
FAILED = ""
FEWEST_GUESSES = (
    5  # answers guessed beforehand, below which nothing is reported of how many were right; chosen: fewer name answers
)


@dataclass(frozen=True, slots=True)
class ParticipantHome:
    """Where a participant keeps what it gives: the node's home, its settings with their caps, its database."""

    place: Home
    settings: Settings
    database: Database


class Participant:
    """Answers round notices of one community."""

    def __init__(
        self,
        home: ParticipantHome,
        mind: Mind,
        community: Community,
        clock: Callable[[], int],
        refuse: Callable[[Exception], Awaitable[None]],
    ) -> None:
        """refuse: counts and logs a refusal by its name."""
        self._place = home.place
        self._settings = home.settings
        self._database = home.database
        self._mind = mind
        self._community = community
        self._clock = clock
        self._refuse = refuse
        self._considering = asyncio.Lock()
        self._answering: set[asyncio.Task[None]] = set()
        self._begun: set[int] = set()

    async def receive(self, letter: Envelope) -> None:
        """Take a letter of kind "round": refuse what can be refused at once; the rest is considered, and answered, in the background,
        so that no other letter waits for the accountant."""
        if letter.sender != self._community.coordinator:
            raise RefusedError("a round notice from someone who is not the coordinator")
        try:
            notice = release_pb2.RoundNotice.FromString(letter.body)
        except DecodeError as fault:
            raise MalformedError("a round notice cannot be read") from fault
        if notice.number in self._begun:
            raise RefusedError("this round, or a later one, was answered before")
        if len(self._answering) >= MOST_AT_ONCE:
            raise RefusedError("too many rounds are called at once")
        await self._look(notice)
        self._place.federation.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(
            self._notice(notice.number).write_bytes, letter.body
        )  # a killed node considers it after
        self._start(notice, self._consider(notice))

    async def resume(self) -> None:
        """Answer what was charged and not answered when the node was stopped or killed; consider what was not considered yet."""
        states = {charged.number: charged.state for charged in await self._database.read(rounds.every)}
        for file in await asyncio.to_thread(lambda: sorted(self._place.federation.glob("round-*.notice"))):
            try:
                notice = release_pb2.RoundNotice.FromString(await asyncio.to_thread(file.read_bytes))
            except DecodeError:  # of one that was killed as it wrote
                file.unlink()
                continue
            if notice.number in self._begun or states.get(notice.number, rounds.CHARGED) != rounds.CHARGED:
                continue
            if notice.number in states:
                self._start(notice, self.answer(notice, self._given(notice.number).name))
            else:
                self._start(notice, self._consider(notice))

    async def considered(self) -> None:
        """Wait until every notice that came was answered, or refused."""
        while self._answering:
            await asyncio.gather(*tuple(self._answering))

    async def _consider(self, notice: release_pb2.RoundNotice) -> None:
        """Charge our own ledger and answer; or refuse by name, as if the letter had been refused."""
        try:
            async with self._considering:  # one at a time: what one costs depends on those before
                while not await self._agreed(notice):  # noqa: ASYNC110 -- the network has no event for being back
                    await asyncio.sleep(AGAIN_S)
        except (WealError, *OWN_FAULTS) as fault:
            await asyncio.to_thread(self._clear, notice.number)
            await self._refuse(fault)
            return
        await self.answer(notice, self._given(notice.number).name)

    async def _agreed(self, notice: release_pb2.RoundNotice) -> bool:
        """Charge this round and write its statistics down; False where the coordinator cannot be reached for its catalogue."""
        if self._clock() >= notice.deadline_ms:
            raise RefusedError("a round's deadline passed before it was answered")
        tier = await self._look(notice)
        past = await self._database.read(rounds.every)
        spent = await asyncio.to_thread(spent_after, notice, past, self._settings.epsilon_cap)
        await self._look_at_own_noise(tier)
        try:
            flat = await self._statistics(notice, tier)
        except UnreachableError:
            return False
        await asyncio.to_thread(save_file, {"flat": flat}, self._given(notice.number))
        now, before_epsilon = self._clock(), rounds.most_spent(past)

        def enter(connection: sqlite3.Connection) -> None:
            rounds.charge(connection, notice.number, spent, now, notice.sampling_rate, notice.sigma)
            cost = max(spent - before_epsilon, 0.0)
            disclosures.write(
                connection,
                now,
                "coordinator",
                "statistics",
                flat.tobytes(),
                disclosures.Amount(flat.nbytes, epsilon=cost),
            )

        await self._database.write(enter)
        return True

    async def _look(self, notice: release_pb2.RoundNotice) -> str:
        """Return the tier that holds; RefusedError for what can be seen to be wrong at once."""
        tier, past = await self._database.read(lambda connection: (tiers.chosen(connection), rounds.every(connection)))
        lost, until = await self._database.read(
            lambda connection: (restores.counted(connection), restores.until_round(connection))
        )
        membership = self._community.membership
        agreement = await self._database.read(
            lambda connection: Agreement(charter.agreed(connection, membership), charter.waits(connection, membership))
        )
        refuse_unfit(notice, tier, past, self._settings, lost, agreement)
        if notice.number <= until:
            raise RefusedError("this round, or a later one, counts as answered since this node came back from a backup")
        if (made_ms := await restored.take_note(self._place, self._database)) is not None:
            last = rounds.newest(past)
            since = restored.rounds_since(self._place, made_ms, self._clock(), last, notice.number)
            await self._database.write(lambda connection: restores.settle(connection, since, notice.number))
            raise RefusedError(
                "this node came back from a backup: what it gave since is unknown to it, and counts as given up to this round"
            )
        return tier

    async def _look_at_own_noise(self, tier: str) -> None:
        """RefusedError where noise of our own would not hide the person enough any more."""
        rounds_before = await self._database.read(lambda connection: tiers.rounds_under(connection, "local"))
        own_epsilon = local.epsilon(rounds_before + 1) if tier == "local" else 0.0
        if own_epsilon > self._settings.local_epsilon_cap:
            raise RefusedError(
                f"this round would bring epsilon against anyone to {own_epsilon:.2f}, above this node's cap"
            )

    def _notice(self, number: int) -> Path:
        return self._place.federation / f"round-{number}.notice"

    def _given(self, number: int) -> Path:
        return self._place.federation / f"round-{number}.safetensors"

    def _clear(self, number: int) -> None:
        for leftover in self._place.federation.glob(f"round-{number}.*"):
            leftover.unlink(missing_ok=True)

    def _start(self, notice: release_pb2.RoundNotice, work: Coroutine[Any, Any, None]) -> None:
        self._begun.add(notice.number)
        task = asyncio.create_task(work)
        self._answering.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if (
            not task.cancelled() and (fault := task.exception()) is not None
        ):  # the disk's, or a mistake: at the next start again
            log.error("a round could not be answered: %s", type(fault).__name__)

    async def _statistics(self, notice: release_pb2.RoundNotice, tier: str) -> npt.NDArray[np.float64]:
        """Return what is given, by tier; see contribution.py."""
        catalogue = await self._community.catalogue(notice.catalogue_sha256)
        ask = Ask(layout_of(notice.tier), catalogue, notice.clip, notice.base_release)
        fitted = self._mind.fitted()
        if tier == "label-private":
            terms = TrainingTerms(notice.number, notice.base_release, self._settings.label_epsilon_cap)
            mean, variance = await hidden(self._database, fitted.features, fitted.answers, terms, self._clock)
            return statistics(OwnAnswers(fitted.features, (), mean, variance), ask, tier)
        belief = await asyncio.to_thread(shared_belief, fitted)
        guesses = await self._database.read(lambda connection: gate.guesses(connection, audits_only=False))
        right = sum(guess.right for guess in guesses) / len(guesses) if len(guesses) >= FEWEST_GUESSES else None
        variance = np.diag(belief.covariance).copy()
        answers = OwnAnswers(
            fitted.features, self._mind.answers_on_items(), belief.mean, variance, right, belief.kernels
        )
        return await asyncio.to_thread(statistics, answers, ask, tier)

    async def answer(self, notice: release_pb2.RoundNotice, statistics: str) -> None:
        """Run the process that answers, again when it is killed, and note down what became of it."""
        folder = self._place.federation
        job = folder / f"round-{notice.number}.json"
        description = {
            "address": notice.fleet_address,
            "certificate": str(self._community.certificate_path),
            "key": str(self._place.keys / "fleet.pem"),
            "node": notice.fleet_node,
            "number": notice.number,
            "catalogue": notice.catalogue_sha256.hex(),
            "statistics": str(folder / statistics),
            "deadline": notice.deadline_ms / 1_000,
        }
        await asyncio.to_thread(job.write_text, json.dumps(description))
        state = rounds.LATE
        while state == rounds.LATE and (left_ms := notice.deadline_ms - self._clock()) > 0:
            state = await self._process(job, left_ms / 1_000 + GRACE_S)
            if state == FAILED:  # killed: what it had received is in its inbox
                await asyncio.sleep(AGAIN_S)
                state = rounds.LATE
        await self._database.write(lambda connection: rounds.settle(connection, notice.number, state))
        await asyncio.to_thread(self._clear, notice.number)

    async def _process(self, job: Path, patience_s: float) -> str:
        """Run the process once; return "answered", the reason why not, or FAILED when it ended without a word."""
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment["HOME"] = str(job.parent)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "weal_node.federation.fleet", "--job", str(job),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            out, _ = await asyncio.wait_for(process.communicate(), patience_s)
            outcome = json.loads(out.splitlines()[-1])
            return rounds.ANSWERED if outcome["answered"] else str(outcome["reason"])[:200]
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
        """Stop considering and answering; `resume` goes on with both."""
        for task in tuple(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        self._begun.clear()
