"""Rounds that go on by themselves, on the real store, with a clock that is passed in: a month in a second, killed at every point."""

import fcntl
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from weal_coordinator import setup
from weal_coordinator.community import charter
from weal_coordinator.community.schedule import HOUR_MS, SPENT
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation import supervisor
from weal_coordinator.federation.supervisor import Supervisor, in_progress, look, passed_on
from weal_coordinator.store import members, ready, rounds
from weal_coordinator.store.database import Database
from weal_protocol.v1 import directory_pb2

PEOPLE = 200  # the charter's floor


def card(number: int) -> bytes:
    """An entry as the directory keeps it; its signature was checked when it came."""
    one = directory_pb2.MemberCard(agent_key=bytes([number]) * 32, ratification_key=bytes([number]) * 32, tier="light")
    return directory_pb2.SignedMemberCard(card=one.SerializeToString()).SerializeToString()


@dataclass
class Community:
    """A founded community with its supervisor. Its rounds are made on the real store and without Flower; `cut` says where the next one is killed."""

    place: Home
    database: Database
    now: int = 0
    cut: str = ""
    ran: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        written = self.place.charter.read_text()
        for rule, hours in (("every_h", 24.0), ("soonest_h", 6.0)):
            written = re.sub(rf"^{rule} = \S+", f"{rule} = {hours}", written, flags=re.MULTILINE)
        self.place.charter.write_text(written)
        self.rules = charter.read(written)
        with self.database.write() as connection:
            for number in range(1, PEOPLE + 1):
                members.add(connection, bytes([number]) * 32, card(number), 1)
        self.founded = look(self.place, self.database)[0].founded
        self.now = self.founded
        self.restart()

    def restart(self) -> None:
        """As after kill -9: nothing of a supervisor is kept but what is in the store."""
        self.supervisor = Supervisor(self.place, self.database, self.rules, lambda: self.now, self.run)

    async def run(self, only_finish: bool) -> str:
        self.ran.append(only_finish)
        cut, self.cut = self.cut, ""
        with self.database.write() as connection:
            for one in rounds.every(connection):
                rounds.finish(connection, one.number, one.number)
                rounds.fail(connection, one.number)
        if only_finish:
            return ""
        if cut == "before":
            return "the next round would bring epsilon to 9.00, above the charter's cap of 8"
        rules = self.rules.aggregation
        with self.database.write() as connection:
            number = rounds.open_round(connection, "aa", PEOPLE, (), rules, self.now)
        if cut == "open":
            return "the SuperLink was lost, again and again"
        with self.database.write() as connection:
            rounds.charge(connection, number, {f"{n:064x}": 0.1 * number for n in range(PEOPLE)}, 0, 0.1 * number, b"")
        if cut != "charged":
            with self.database.write() as connection:
                rounds.finish(connection, number, number)
        return "" if not cut else "killed"

    async def live(self, hours: float, every_s: int = 600) -> None:
        """Let so much time go by, a look every few minutes."""
        for _ in range(round(hours * 3_600 / every_s)):
            self.now += every_s * 1_000
            await self.supervisor.step()

    def states(self) -> list[str]:
        with self.database.read() as connection:
            return [one.state for one in rounds.every(connection)]

    def begun_h(self) -> list[float]:
        with self.database.read() as connection:
            return [(one["opened_ms"] - self.founded) / HOUR_MS for one in rounds.outcomes(connection)]


@pytest.fixture
def community(tmp_path: Path, url: str) -> Iterator[Community]:
    place = Home(tmp_path / "community")
    setup.found(place, "commons", Settings(database_url=url))
    database = Database(url)
    yield Community(place, database)
    database.close()


@pytest.mark.slow
async def test_a_month_has_thirty_rounds_and_each_is_charged_once(community: Community) -> None:
    days = 30 if community.database.place.startswith("SQLite") else 5  # a server is asked over a socket each time
    await community.live((days + 0.5) * 24, every_s=1_800)
    assert community.states() == ["done"] * days
    assert all(
        24 <= after - before < 25 for before, after in zip(community.begun_h(), community.begun_h()[1:], strict=False)
    )
    with community.database.read() as connection:
        account = rounds.account(connection, f"{5:064x}")
    assert [one.number for one in account] == list(range(1, days + 1))


@pytest.mark.slow
async def test_enough_new_answers_bring_a_round_early(community: Community) -> None:
    await community.live(7)
    with community.database.write() as connection:
        for number in range(1, PEOPLE // 2 + 1):
            ready.report(connection, (bytes([number]) * 32).hex(), 0, community.now)
    await community.live(4)
    assert community.begun_h() == []
    await community.live(2)
    assert community.begun_h() == [12.0]
    await community.live(20)  # those answers are used up
    assert len(community.begun_h()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cut", "states"),
    [("open", ["failed", "done"]), ("charged", ["done"]), ("before", ["done"])],
)
async def test_whatever_is_killed_in_a_round_it_goes_on_and_counts_once(
    community: Community, cut: str, states: list[str]
) -> None:
    community.cut = cut
    await community.live(24.2)
    community.restart()
    await community.live(2)
    assert community.states() == states
    with community.database.read() as connection:
        assert len(rounds.account(connection, f"{5:064x}")) == 1


@pytest.mark.slow
async def test_what_was_charged_is_released_at_once_and_no_round_is_begun_for_it(community: Community) -> None:
    community.cut = "charged"
    await community.live(24)
    assert community.ran == [False]
    community.restart()
    await community.live(0.2)
    assert community.ran == [False, True]
    assert community.states() == ["done"]


@pytest.mark.slow
async def test_beyond_the_cap_nothing_is_begun_and_it_is_not_asked_all_the_time(community: Community) -> None:
    async def refused(only_finish: bool) -> str:
        community.ran.append(only_finish)
        return "the next round would bring epsilon to 9.00, above the charter's cap of 8"

    community.supervisor.run = refused
    await community.live(34)
    assert community.states() == []
    assert 9 <= len(community.ran) <= 11
    assert "above the charter's cap" in community.supervisor.fault
    assert "above the charter's cap" in community.place.schedule.read_text()


@pytest.mark.slow
async def test_once_the_budget_is_spent_nothing_is_tried_and_it_is_said(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "known_left", lambda _database, rules: 0 if rules is community.rules else None)
    await community.live(34)
    assert community.ran == []
    due = await community.supervisor.step()
    assert due is not None
    assert (due.at_ms, due.why) == (None, SPENT)


async def test_a_round_that_someone_else_runs_is_left_alone(community: Community) -> None:
    with community.place.round_lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert in_progress(community.place)
        await community.live(30)
        assert community.ran == []
    assert not in_progress(community.place)
    await community.live(0.2)
    assert community.states() == ["done"]


@pytest.mark.parametrize(
    ("said", "status", "fault", "logged"),
    [
        (b"", 0, "", []),
        (b"round 3: 2 replies refused: wrong keys\n", 0, "", ["round 3: 2 replies refused: wrong keys"]),
        (
            b"round 3: 1 nodes revoked\nthe relay cannot be reached",
            1,
            "the relay cannot be reached",
            ["round 3: 1 nodes revoked"],
        ),
        (b"", -9, "it ended with -9", []),
    ],
)
def test_what_a_rounds_process_says_is_in_the_log(
    said: bytes, status: int, fault: str, logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert passed_on(said, status) == fault
    assert [record.message for record in caplog.records] == logged
