"""Mailboxes: in order, limited by number and by size, emptied only by their owner."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from weal_coordinator.errors import MailboxFullError
from weal_coordinator.store import mail
from weal_coordinator.store.database import Database

ADA, BO = b"a" * 32, b"b" * 32


def test_too_many_or_too_large_letters_are_refused_by_name(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            mail.put(connection, ADA, b"letter", 1, 3, 1_000)
        with pytest.raises(MailboxFullError, match="mailbox full"):
            mail.put(connection, ADA, b"letter", 1, 3, 1_000)
        mail.put(connection, BO, b"x" * 900, 1, 3, 1_000)  # a full box is its owner's alone
        with pytest.raises(MailboxFullError, match="mailbox full"):
            mail.put(connection, BO, b"x" * 101, 1, 3, 1_000)
        mail.put(connection, BO, b"x" * 100, 1, 3, 1_000)
        assert mail.waiting(connection) == 5


def test_no_one_empties_the_mailbox_of_another(database: Database) -> None:
    with database.write() as connection:
        number = mail.put(connection, ADA, b"letter", 1, 3, 1_000)
        mail.acknowledge(connection, BO, [number])
        assert mail.fetch(connection, ADA, 10) == (mail.Letter(number, b"letter"),)


class Mailboxes(RuleBasedStateMachine):
    """The store against lists in memory."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        with database.write() as connection:
            connection.execute(text("DELETE FROM mail"))
            self.last = int(connection.execute(text("SELECT last FROM mail_counter")).scalar_one())
        self.first = self.last
        self.boxes: dict[bytes, list[mail.Letter]] = {ADA: [], BO: []}

    @rule(to=st.sampled_from([ADA, BO]), letter=st.binary(max_size=40))
    def put(self, to: bytes, letter: bytes) -> None:
        box = self.boxes[to]
        fits = len(box) < 4 and sum(len(one.ciphertext) for one in box) + len(letter) <= 100
        try:
            with self.database.write() as connection:
                number = mail.put(connection, to, letter, 1, 4, 100)
        except MailboxFullError:
            assert not fits
            return
        assert fits
        assert number > self.last  # no number is ever given again, also not after the newest letter went
        self.last = number
        box.append(mail.Letter(number, letter))

    @rule(who=st.sampled_from([ADA, BO]), number=st.integers(1, 30))
    def acknowledge(self, who: bytes, number: int) -> None:
        with self.database.write() as connection:
            mail.acknowledge(connection, who, [self.first + number, self.first + number])
        self.boxes[who] = [one for one in self.boxes[who] if one.number != self.first + number]

    @rule(who=st.sampled_from([ADA, BO]))
    def take_everything(self, who: bytes) -> None:
        with self.database.write() as connection:
            mail.acknowledge(connection, who, [one.number for one in self.boxes[who]])
        self.boxes[who] = []

    @invariant()
    def everyone_finds_their_letters_in_order(self) -> None:
        with self.database.read() as connection:
            for who, box in self.boxes.items():
                assert list(mail.fetch(connection, who, 64)) == box
            assert mail.waiting(connection) == sum(map(len, self.boxes.values()))


@pytest.mark.slow
def test_mailboxes(database: Database) -> None:
    ways = settings(max_examples=12, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(lambda: Mailboxes(database), settings=ways)  # type: ignore[arg-type]  # any factory will do
