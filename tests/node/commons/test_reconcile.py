"""Copies of the commons become the same, whoever asks whom; and whatever a source may send, only what is permitted is kept."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_node.commons.admission import Quota
from weal_node.commons.reconcile import AGAIN_MS, MAX_REFUSED
from weal_node.store import refused
from weal_protocol import jury, record
from weal_protocol.errors import ForgedError, MalformedError
from weal_protocol.jury import Jury
from weal_protocol.record import Record
from weal_protocol.v1 import commons_pb2

ADA, BO, CY = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b", b"c"))
KEYS = [one.public_key().public_bytes_raw() for one in (ADA, BO, CY)]
MakeCopy = Callable[..., Any]


@pytest.fixture(autouse=True)
def members(directory: Any) -> None:
    directory.keys |= set(KEYS)


def written(
    author: Ed25519PrivateKey, text: str, *parents: Record, kind: str = "note", note: bytes = b"", **more: Any
) -> Record:
    note = note or (parents[0].note if parents else secrets.token_bytes(16))
    ids = tuple(one.id for one in parents)
    salt = secrets.token_bytes(16)
    return record.make(
        kind, text.encode(), author=author, salt=salt, written_ms=1, note=note, path="n.md", parents=ids, **more
    )


def history() -> list[Record]:
    """A note of Ada's that grew by Bo's suggestion, and Cy's fork of it."""
    first = written(ADA, "Oaks last.")
    idea = written(BO, "Oaks last long.", first, kind="suggestion")
    second = written(ADA, "Oaks last long.", first, idea)
    fork = written(CY, "Oaks and elms.", forked_from=second.id)
    return [first, idea, second, fork]


def names(pulled: Any) -> list[str]:
    return sorted(pulled.refused.values())


@pytest.mark.slow
async def test_an_empty_copy_fetches_all_and_then_only_what_is_new(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    there.keep(*history(), *(written(BO, f"note {n}") for n in range(600)))
    assert (await here.pull(there)).came == 604
    assert here.held() == there.held()
    there.server.asked.clear()
    assert (await here.pull(there)).came == 0
    assert there.server.asked == ["digests"]  # and they were not even sent
    there.keep(written(ADA, "one more"))
    assert (await here.pull(there)).came == 1
    assert [there.server.asked.count(name) for name in ("digests", "ids", "records")] == [2, 1, 1]


async def test_three_nodes_converge_after_a_partition(copy: MakeCopy) -> None:
    copies = [copy() for _ in range(3)]
    shared = history()
    for one in copies:
        one.keep(*shared)
    apart = [written(ADA, "Ada, apart", shared[2]), written(BO, "Bo, apart"), written(CY, "Cy, apart", shared[3])]
    gone = written(BO, "", shared[1], kind="tombstone")
    for one, made in zip(copies, apart, strict=True):
        one.keep(made)
    copies[1].keep(gone)
    for _ in range(2):
        for one in copies:
            for other in copies:
                if other is not one:
                    await one.pull(other)
    expected = {made.id for made in (*shared, *apart, gone)}
    assert [one.held() for one in copies] == [expected] * 3
    assert {one.find(shared[1]).body for one in copies} == {""}
    assert {one.find(shared[1]).redacted_by for one in copies} == {gone.id}


async def test_what_vanishes_at_a_peer_stays_here(copy: MakeCopy) -> None:
    here, there, emptied = copy(), copy(), copy()
    made = history()
    there.keep(*made)
    await here.pull(there)
    before = here.held()
    assert (await here.pull(emptied)).came == 0  # the peer's node was made anew, with nothing in it
    assert here.held() == before
    assert all(here.find(one).body for one in made)


async def test_one_person_is_followed_with_what_they_built_on(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    first, idea, second, fork = history()
    there.keep(first, idea, second, fork, written(BO, "Bo's own"))
    await here.pull(there, CY.public_key().public_bytes_raw())
    assert here.held() == {first.id, idea.id, second.id, fork.id}  # the fork, and all that it came from
    other = copy()
    await other.pull(there, ADA.public_key().public_bytes_raw())
    assert other.held() == {first.id, idea.id, second.id}  # hers, and what was suggested to her


async def test_a_taken_back_record_comes_without_its_body(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    made = history()
    there.keep(*made)
    there.keep(written(ADA, "", made[0], kind="tombstone"))
    assert not (await here.pull(there)).refused
    found = here.find(made[0])
    assert (found.body, b"Oaks" in found.raw) == ("", False)
    assert record.read(found.raw, bodiless=True).redacted
    assert here.find(made[2]).body == "Oaks last long."


JURY = Jury(
    b"c" * 32, frozenset(KEYS), 2
)  # the members' agent keys stand for the ratification keys that a charter names


def verdict(made: Record, *jurors: Ed25519PrivateKey) -> Record:
    votes = [JURY.vote(one, made.id, "A secret.") for one in jurors]
    return written(CY, jury.body("A secret.", votes).decode(), made, kind="verdict")


async def test_what_a_jury_took_back_comes_without_its_body_and_a_lie_about_that_does_not_come(copy: MakeCopy) -> None:
    here, there, other = copy(jury=JURY), copy(jury=JURY), copy(jury=JURY)
    made = history()
    there.keep(*made)
    await here.pull(there)
    there.keep(verdict(made[0], ADA, BO))
    for one in (here, other):  # one that has the body, and one that never gets it
        assert not (await one.pull(there)).refused
        found = one.find(made[0])
        assert (found.body, b"Oaks" in found.raw, record.read(found.raw, bodiless=True).redacted) == ("", False, True)
        assert one.held() == there.held()
    bare, alone = copy(jury=JURY), verdict(made[2], ADA)
    there.server.lie = lambda call, a: (
        ([record.redacted(raw) if record.id_of(raw) == made[2].id else raw for raw in a[0]] + [alone.raw], a[1])
        if call == "records"
        else a
    )
    pulled = await bare.pull(there)
    assert pulled.refused[made[2].id] == "ForgedError: a verdict has fewer votes than the charter asks for"
    assert made[2].id not in bare.held()


# ---- what a source may not do


def forged(raw: bytes) -> bytes:
    one = commons_pb2.Record.FromString(raw)
    one.signature = bytes(64)
    return one.SerializeToString()


async def test_wrong_digests_are_not_believed(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    there.keep(*history())
    for lie, fault in (
        (lambda call, a: (a[0][32:] + a[0][:32], a[1]) if call == "digests" else a, ForgedError),
        (lambda call, a: (a[0][:-1], a[1]) if call == "digests" else a, MalformedError),
        (lambda call, a: [(n, ids[1:], at[1:]) for n, ids, at in a] if call == "ids" else a, ForgedError),
        (
            lambda call, a: [(n, (*ids, bytes([n]) + bytes(31)), (*at, 1)) for n, ids, at in a] if call == "ids" else a,
            ForgedError,
        ),
    ):
        there.server.lie = lie
        with pytest.raises(fault, match="digest"):
            await here.pull(there)
    assert here.held() == set()


async def test_records_announced_and_not_given_end_the_pull(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    there.keep(*history())
    there.server.lie = lambda call, a: ([], ()) if call == "records" else a
    with pytest.raises(MalformedError, match="were not given"):
        await here.pull(there)


async def test_a_forged_record_is_refused_by_name_and_the_real_one_still_comes(copy: MakeCopy) -> None:
    here, there, honest = copy(), copy(), copy()
    made = history()
    there.keep(*made)
    honest.keep(*made)

    there.server.lie = lambda call, a: ([forged(raw) for raw in a[0]], a[1]) if call == "records" else a
    pulled = await here.pull(there, now_ms=5)
    assert (pulled.came, names(pulled)) == (0, ["ForgedError: a signature for record does not fit"] * 4)
    there.server.asked.clear()
    assert not (await here.pull(there, now_ms=6)).refused  # not asked for again at once
    assert "records" not in there.server.asked
    assert (await here.pull(honest, now_ms=7)).came == 4  # another source is not blamed
    assert sum(here.database.read_now(refused.reasons).values()) == 4


async def test_what_is_refused_is_asked_for_again_after_an_hour(copy: MakeCopy, directory: Any) -> None:
    here, there = copy(), copy()
    there.keep(written(BO, "hello"))
    directory.keys.remove(BO.public_key().public_bytes_raw())
    assert names(await here.pull(there)) == ["ForgedError: a record's author is no member"]
    assert directory.looked == 1  # the directory was asked first
    directory.keys.add(BO.public_key().public_bytes_raw())
    assert (await here.pull(there, now_ms=AGAIN_MS)).came == 0
    assert (await here.pull(there, now_ms=AGAIN_MS + 1)).came == 1


async def test_a_body_that_was_taken_away_by_nobody_is_refused(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    there.keep(*history()[:1])
    there.server.lie = lambda call, a: ([record.redacted(raw) for raw in a[0]], a[1]) if call == "records" else a
    pulled = await here.pull(there)
    assert names(pulled) == ["ForgedError: a record came without its body, and nothing takes it back"]


async def test_a_body_taken_away_by_another_is_refused_with_its_tombstone(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    made = written(ADA, "Oaks last.")
    there.keep(made)
    by_bo = written(BO, "", made, kind="tombstone")
    there.server.lie = lambda call, a: (
        ([record.redacted(raw) for raw in a[0]] + [by_bo.raw], a[1]) if call == "records" else a
    )
    assert names(await here.pull(there)) == [
        "ForgedError: a record came without its body, and nothing takes it back",
        "UnknownParentError: a record names one that is not known here",
    ]
    there.server.lie = lambda call, a: (a[0] + [by_bo.raw], a[1]) if call == "records" else a
    assert names(await here.pull(there, now_ms=AGAIN_MS + 1)) == ["ForgedError: only its author can take a record back"]
    assert here.find(made).body == "Oaks last."


async def test_unknown_parents_are_asked_for_and_then_named(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    first, idea, second, _ = history()
    there.keep(first, idea, second)
    hidden = bytes.fromhex(first.id)

    def lie(call: str, a: Any) -> Any:
        kept = [raw for raw in a[0] if record.id_of(raw) != first.id] if call == "records" else []
        return (kept, (*a[1], hidden)) if call == "records" else a

    there.server.lie = lie
    pulled = await here.pull(there)
    assert (pulled.came, names(pulled)) == (0, ["UnknownParentError: a record names one that is not known here"] * 2)


async def test_an_author_has_so_much_room_and_what_takes_back_still_fits(copy: MakeCopy) -> None:
    here, there = copy(limits=Quota(author_records=3)), copy()
    made = [written(BO, f"note {n}") for n in range(5)]
    there.keep(*made, written(ADA, "hers"))
    pulled = await here.pull(there)
    assert (pulled.came, names(pulled)) == (
        4,
        ["QuotaError: an author's records would take more room than they are given here"] * 2,
    )
    there.keep(written(BO, "", made[0], kind="tombstone"))
    assert (await here.pull(there)).came == 1
    small = copy(limits=Quota(whole_bytes=1_000))
    assert set(names(await small.pull(there))) == {"QuotaError: the room for others' records is full"}
    own = copy(own=KEYS[1], limits=Quota(author_records=1))
    assert (await own.pull(there, KEYS[1])).came == 6  # one's own, from another device, know no quota


async def test_an_oversized_body_is_named(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    made = written(ADA, "Oaks last.")
    there.keep(made)
    large = commons_pb2.Record.FromString(made.raw)
    large.body = b"x" * (record.MAX_BODY_BYTES + 7_000)
    there.server.lie = lambda call, a: ([large.SerializeToString()], a[1]) if call == "records" else a
    assert names(await here.pull(there)) == ["MalformedError: a record is larger than 256 KiB"]


@pytest.mark.slow
async def test_a_source_of_nothing_but_rubbish_is_left_alone(copy: MakeCopy) -> None:
    here, there = copy(), copy()
    there.keep(*(written(BO, f"note {n}") for n in range(4 * MAX_REFUSED)))
    there.server.lie = lambda call, a: ([forged(raw) for raw in a[0]], a[1]) if call == "records" else a
    pulled = await here.pull(there)
    assert MAX_REFUSED < len(pulled.refused) <= 3 * MAX_REFUSED
