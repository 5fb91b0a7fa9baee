"""Somebody without keys, at a real port: however many connections they hold, a member gets through; and none of theirs lasts."""

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from weal_protocol.threshold import Limits, Threshold, side

FEW = Limits(strangers=6, per_address=6, per_member=2, waiting=64, hello_s=30.0, grace_s=0.05, admit_s=30.0)
Writer = asyncio.StreamWriter


def _certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weal")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    )
    place = folder / "tls.pem"
    place.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return place


OPENED: list[Writer] = []


async def _open(host: str, port: int, **more: Any) -> tuple[asyncio.StreamReader, Writer]:
    reader, writer = await asyncio.open_connection(host, port, **more)
    OPENED.append(writer)
    return reader, writer


async def _hang_up(writers: Iterable[Writer]) -> None:
    for one in writers:
        one.transport.abort()
        with contextlib.suppress(OSError):
            await one.wait_closed()


@asynccontextmanager
async def served(folder: Path, limits: Limits) -> AsyncIterator[tuple[Threshold, int]]:
    """A server that says `in` to whoever says a name, and tells the threshold who that is."""
    threshold = Threshold(limits)
    open_ = set[Writer]()

    async def answer(reader: asyncio.StreamReader, writer: Writer) -> None:
        open_.add(writer)
        while line := await reader.readline():
            threshold.admit(writer.get_extra_info("peername")[1], line.strip())
            writer.write(b"in\n")
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    inner = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = await threshold.listen("127.0.0.1", 0, inner.sockets[0].getsockname()[1])
    try:
        yield threshold, port
    finally:
        await _hang_up(OPENED)
        OPENED.clear()
        await threshold.close()
        inner.close()
        await _hang_up(open_)


def _trusting(most: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if most is not None:
        context.maximum_version = most
    return context


async def _member(port: int, name: bytes) -> tuple[asyncio.StreamReader, Writer]:
    """Come in as a member. On a slow machine a place may be lost before the name is said: who is turned away comes again."""
    for _ in range(50):
        reader, writer = await _open("127.0.0.1", port, ssl=_trusting())
        writer.write(name + b"\n")
        if await reader.readline() == b"in\n":
            return reader, writer
    raise AssertionError(f"{name!r} was turned away fifty times")


async def _silent(port: int) -> tuple[asyncio.StreamReader, Writer]:
    return await _open("127.0.0.1", port)


async def _half(port: int) -> tuple[asyncio.StreamReader, Writer]:
    reader, writer = await _open("127.0.0.1", port)
    writer.write(b"\x16\x03\x01\x02\x00\x01")
    return reader, writer


async def _idle(port: int) -> tuple[asyncio.StreamReader, Writer]:
    return await _open("127.0.0.1", port, ssl=_trusting())


@pytest.mark.parametrize("kind", [_silent, _half])
async def test_a_member_gets_in_while_an_outsider_holds_all_they_can(
    tmp_path: Path, kind: Callable[[int], Awaitable[object]]
) -> None:
    async with served(tmp_path, FEW) as (threshold, port):
        old = await _member(port, b"ada")
        for _ in range(40):
            await kind(port)
        new = await _member(port, b"ben")
        for reader, writer in (old, new):  # and stay in
            writer.write(b"me\n")
            assert await reader.readline() == b"in\n"
        assert threshold.turned_away >= 1


@pytest.mark.slow
async def test_idle_tls_connections_keep_nobody_out(tmp_path: Path) -> None:
    async with served(tmp_path, FEW) as (_, port):
        held = [await _idle(port) for _ in range(20)]
        await _member(port, b"ada")
        gone = [reader for reader, _ in held if reader.at_eof()]
        assert len(gone) >= 14


@pytest.mark.slow
async def test_whoever_never_says_who_they_are_is_hung_up_on(tmp_path: Path) -> None:
    quick = Limits(hello_s=0.05, admit_s=0.05)
    async with served(tmp_path, quick) as (threshold, port):
        for kind in (_silent, _half, _idle):
            reader, _ = await kind(port)
            assert await reader.read() == b""
        assert threshold.turned_away >= 1


async def test_a_member_may_stay_however_long(tmp_path: Path) -> None:
    async with served(tmp_path, Limits(admit_s=1.0)) as (threshold, port):
        reader, writer = await _member(port, b"ada")
        caller = next(iter(threshold.ports.values()))
        assert [timer.cancelled() for timer in caller.ends] == [True]
        assert not threshold.strangers
        writer.write(b"ada\n")
        assert await reader.readline() == b"in\n"


async def test_a_members_connections_are_few_and_do_not_touch_anothers(tmp_path: Path) -> None:
    async with served(tmp_path, FEW) as (_, port):
        ben = await _member(port, b"ben")
        adas = [await _member(port, b"ada") for _ in range(3)]
        assert await adas[0][0].read() == b""  # the oldest goes
        for reader, writer in (ben, *adas[1:]):
            writer.write(b"again\n")
            assert await reader.readline() == b"in\n"


async def test_less_than_tls_13_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path, FEW) as (_, port):
        with pytest.raises((ssl.SSLError, OSError)):
            await _open("127.0.0.1", port, ssl=_trusting(ssl.TLSVersion.TLSv1_2))
        _, writer = await _open("127.0.0.1", port, ssl=_trusting(ssl.TLSVersion.TLSv1_3))
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"


async def test_one_address_cannot_take_the_places_of_others(tmp_path: Path) -> None:
    limits = Limits(strangers=8, per_address=3, grace_s=60.0, hello_s=60.0)
    async with served(tmp_path, limits) as (threshold, port):
        for _ in range(12):
            await _silent(port)
        reader, writer = await _open("127.0.0.1", port, ssl=_trusting(), local_addr=("127.0.0.2", 0))
        writer.write(b"ada\n")
        assert await reader.readline() == b"in\n"
        assert len(threshold.places["127.0.0.1"]) == 3


async def test_thousands_who_stand_in_line_keep_nobody_out_whoever_they_are_and_wherever(tmp_path: Path) -> None:
    limits = Limits(strangers=4, per_address=3, waiting=12, hello_s=60.0, grace_s=0.05)
    async with served(tmp_path, limits) as (threshold, port):
        crowd = [await _silent(port) for _ in range(60)]  # five times as many as may wait
        for where in ("127.0.0.1", "127.0.0.2"):  # among them, and elsewhere
            reader, writer = await _open("127.0.0.1", port, ssl=_trusting(), local_addr=(where, 0))
            writer.write(b"ada\n")
            assert await reader.readline() == b"in\n"
        assert threshold.waiting <= 12
        await _hang_up(writer for _, writer in crowd)
        await _member(port, b"ben")


@pytest.mark.slow
async def test_who_comes_last_is_served_before_a_crowd_that_stands_there(tmp_path: Path) -> None:
    limits = Limits(strangers=2, per_address=2, waiting=2_000, hello_s=60.0, grace_s=0.2)
    async with served(tmp_path, limits) as (threshold, port):
        for _ in range(300):
            await _silent(port)
        await _member(port, b"ada")  # one place in a fifth of a second: in their turn it would be after half a minute
        assert threshold.waiting > 250


@pytest.mark.slow
async def test_who_came_first_is_served_however_many_come_after(tmp_path: Path) -> None:
    limits = Limits(strangers=2, per_address=2, waiting=2_000, hello_s=60.0, grace_s=0.05)
    async with served(tmp_path, limits) as (_, port):
        for _ in range(4):
            await _silent(port)
        member = asyncio.create_task(_member(port, b"ada"))
        crowd = 0
        while not member.done():  # twice as many as there are places for
            await _silent(port)
            crowd += 1
            await asyncio.wait({member}, timeout=limits.grace_s / 4)
            assert crowd < 1_000
        await member


def test_an_address_of_ipv6_is_its_first_half() -> None:
    near = {side("2001:db8:1:2::5"), side("2001:db8:1:2:ffff::1%eth0")}
    assert len(near) == 1
    assert side("2001:db8:1:3::5") not in near
    assert side("::ffff:10.0.0.7") == side("10.0.0.7") == "10.0.0.7"
    assert side("somewhere") == "somewhere"
