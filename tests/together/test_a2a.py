"""A foreign agent, speaking through the public A2A client, invites this one to a deal; nothing binds without both humans."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import a2a.types as a2a
import httpx
import pytest
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.utils.errors import InvalidParamsError, TaskNotCancelableError, TaskNotFoundError, UnsupportedOperationError
from google.protobuf.json_format import MessageToDict, ParseDict

from weal_node import keys
from weal_node.app.guests import bind, open_to_guests
from weal_node.config import Settings
from weal_node.deals.guests import Visits, admit
from weal_node.errors import NodeError, RefusedError
from weal_node.store import disclosures
from weal_protocol import deal as life
from weal_protocol import signing
from weal_protocol.v1 import negotiation_pb2
from weal_simulations.town.relay import NOW, TownRelay
from weal_simulations.town.town import Taste, TownSeat

pytestmark = pytest.mark.together
ISSUES = [
    {"name": "garden work", "values": ["0", "1", "2", "3"], "giver": "guest"},
    {"name": "piano lessons", "values": ["0", "1", "2"], "giver": "person"},
    {"name": "when", "values": ["on Saturday", "on Sunday"]},
]


@dataclass
class House:
    """A node that is open to guests, its person, and the address where it answers."""

    seat: TownSeat
    address: str
    visits: Visits

    def admit(self, name: str) -> str:
        assert self.seat.database
        return admit(self.seat.database, name, NOW)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    seat = TownSeat("ada", tmp_path / "ada.db", TownRelay(), Taste(1.5))
    assert seat.database
    members = seat.wire.members
    visits = Visits(seat.agent, seat.book, lambda key: key in members)
    bound = bind("127.0.0.1:0")
    address = f"http://127.0.0.1:{bound[0].getsockname()[1]}"
    serving = asyncio.create_task(open_to_guests(Settings(name="Ada"), visits, bound))
    yield House(seat, address, visits)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    seat.close()


class Foreigner:
    """Any program that speaks A2A, with keys of its own: one for the agent, one for its human."""

    def __init__(self, house: House, token: str) -> None:
        self.keys = keys.new()
        self.http = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False)
        self.house = house

    async def __aenter__(self) -> "Foreigner":
        card = await A2ACardResolver(self.http, self.house.address).get_agent_card()
        assert card.name == "Ada's agent"
        assert card.skills[0].id == "weal-deal"
        self.client = ClientFactory(ClientConfig(httpx_client=self.http, streaming=False)).create(card)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def say(self, task: str = "", **data: Any) -> Any:
        message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"data": data}]} | (
            {"taskId": task} if task else {}
        )
        request = a2a.SendMessageRequest(message=ParseDict(message, a2a.Message()))
        (answer,) = [one async for one in self.client.send_message(request)]
        return MessageToDict(answer)["task"]

    async def invite(self) -> Any:
        return await self.say(
            weal="invite",
            agent_key=self.keys.agent_public.hex(),
            ratification_key=self.keys.ratification_public.hex(),
            subject="garden work for piano lessons",
            issues=ISSUES,
        )

    async def afterwards(self, deal: str, **data: Any) -> Any:
        """Say what became of a deal, whose task has ended: in its context."""
        message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"data": data}]}
        message |= {"contextId": deal, "referenceTaskIds": [deal]}
        request = a2a.SendMessageRequest(message=ParseDict(message, a2a.Message()))
        (answer,) = [one async for one in self.client.send_message(request)]
        return MessageToDict(answer)["message"]

    def receipt(self, terms: bytes, fulfilled: bool, key: Any = None) -> dict[str, Any]:
        message = life.receipt(life.terms_hash(terms), fulfilled, NOW)
        word = signing.sign(key or self.keys.ratification, "receipt-human", message)
        kind = {"weal": "receipt"} if fulfilled else {"weal": "dispute", "reason": "nobody came"}
        return kind | {"at_ms": NOW, "signature": base64.b64encode(word).decode()}

    def words(self, task: Any) -> Any:
        return task["status"]["message"]["parts"][1]["data"]

    def ratification(self, terms: bytes, when: int = NOW) -> dict[str, Any]:
        digest = life.terms_hash(terms)
        human = signing.sign(self.keys.ratification, "terms-human", life.ratification(digest, when))
        agent = signing.sign(self.keys.agent, "terms-agent", digest)
        return {
            "weal": "ratify",
            "ratified_ms": when,
            "signature": base64.b64encode(human).decode(),
            "agent_signature": base64.b64encode(agent).decode(),
        }


async def agreed(house: House, guest: Foreigner) -> Any:
    """Invite; the person lets their agent bargain; the guest accepts its first offer."""
    task = await guest.invite()
    await house.seat.act("enter")
    task = MessageToDict(await guest.client.get_task(a2a.GetTaskRequest(id=task["id"])))
    assert task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    assert guest.words(task)["offer"]["by"] == "person"
    return await guest.say(task["id"], weal="accept")


async def test_a_foreign_agent_invites_bargains_and_both_humans_ratify(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as guest:
        task = await guest.invite()
        assert task["status"]["state"] == "TASK_STATE_SUBMITTED"
        assert (await house.seat.view()).about.names == ("Zoe", "you")
        await house.seat.act("enter")
        task = await guest.say(task["id"], weal="offer", option=[1, 1, 0])
        while task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED" and "terms" not in guest.words(task):
            task = await guest.say(task["id"], weal="accept")
        terms = base64.b64decode(guest.words(task)["terms"])
        with pytest.raises(RefusedError, match="guest ratifies first"):
            await house.seat.act("ratify")
        task = await guest.say(task["id"], **guest.ratification(terms))
        assert task["status"]["state"] == "TASK_STATE_WORKING"
        assert "artifacts" not in task
        await house.seat.act("ratify")
        task = MessageToDict(await guest.client.get_task(a2a.GetTaskRequest(id=task["id"])))
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        (artifact,) = task["artifacts"]
        agreement = negotiation_pb2.Agreement.FromString(base64.b64decode(artifact["parts"][0]["data"]["agreement"]))
        agents = [guest.keys.agent_public, house.seat.key]
        humans = [guest.keys.ratification_public, house.seat.keys.ratification_public]
        assert (
            life.check_effective(agreement, agents, humans).hex()
            == (await house.seat.view()).ratification.agreement_sha256
        )
        assert house.seat.database
        told = await house.seat.database.read(disclosures.all_of)
        assert {one.what for one in told} == {"word to a guest", "ratification"}
        assert house.seat.wire.frames == []


async def test_nothing_binds_without_the_humans_whatever_the_guest_says(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as guest:
        task = await agreed(house, guest)
        terms = base64.b64decode(guest.words(task)["terms"])
        good = guest.ratification(terms)
        for bad in (
            good | {"signature": good["agent_signature"]},  # an agent's word for a human's
            good | {"ratified_ms": NOW + 1},
            good | {"agent_signature": good["signature"]},
            guest.ratification(terms + b"x"),
            {"weal": "ratify"},
            {"weal": "sign"},
        ):
            with pytest.raises(InvalidParamsError):
                await guest.say(task["id"], **bad)
        await guest.say(task["id"], **good)
        with pytest.raises(TaskNotCancelableError):
            await guest.client.cancel_task(a2a.CancelTaskRequest(id=task["id"]))
        assert (await house.seat.view()).state == "half ratified"
        house.seat.wire.now += 8 * 24 * 3_600 * 1_000
        late = MessageToDict(await guest.client.get_task(a2a.GetTaskRequest(id=task["id"])))
        assert late["status"]["state"] == "TASK_STATE_FAILED"
        assert (await house.seat.view()).ratification.agreement_sha256 == ""


async def ratified(house: House, guest: Foreigner) -> tuple[str, bytes]:
    """Make a deal that holds; return its id and its terms."""
    task = await agreed(house, guest)
    terms = base64.b64decode(guest.words(task)["terms"])
    await guest.say(task["id"], **guest.ratification(terms))
    await house.seat.act("ratify")
    return task["id"], terms


async def test_the_person_has_two_days_after_a_guest_and_no_date_of_theirs_makes_it_more(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as guest:
        task = await agreed(house, guest)
        terms = base64.b64decode(guest.words(task)["terms"])
        with pytest.raises(InvalidParamsError, match="ahead of this clock"):
            await guest.say(task["id"], **guest.ratification(terms, NOW + 3_600_000))
        task = await guest.say(task["id"], **guest.ratification(terms))
        assert int(guest.words(task)["ratify_by_ms"]) == NOW + life.LONGEST_TO_RATIFY_MS
        house.seat.wire.now += life.LONGEST_TO_RATIFY_MS + 1
        assert (await house.seat.view()).state == "expired"
        assert (await house.seat.view()).can == frozenset()
        late = MessageToDict(await guest.client.get_task(a2a.GetTaskRequest(id=task["id"])))
        assert late["status"]["state"] == "TASK_STATE_FAILED"


async def test_a_deal_with_a_guest_is_disputed_fulfilled_and_rated_by_both(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as guest:
        deal, terms = await ratified(house, guest)
        said = await guest.afterwards(deal, **guest.receipt(terms, False))
        assert (await house.seat.view()).state == "disputed"
        assert (said["contextId"], said["referenceTaskIds"]) == (deal, [deal])
        assert said["parts"][1]["data"]["receipts"][0]["reason"] == "nobody came"
        await house.seat.act("fulfil")
        await house.seat.act("rate", True)
        await guest.afterwards(deal, **guest.receipt(terms, True))
        await guest.afterwards(deal, weal="outcome", satisfied=True)
        assert (await house.seat.view()).state == "fulfilled"
        (kept,) = await house.seat.agent.receipts()
        assert kept.confirmed == kept.others == (guest.keys.agent_public,)
        assert kept.satisfied == ((guest.keys.agent_public, True),)
        task = MessageToDict(await guest.client.get_task(a2a.GetTaskRequest(id=deal)))
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        told = guest.words(task)
        assert [(one["by"], one["fulfilled"]) for one in told["receipts"]] == [
            ("guest", False),
            ("person", True),
            ("guest", True),
        ]
        assert {one["by"]: one["satisfied"] for one in told["outcomes"]} == {"guest": True, "person": True}
        ours = told["receipts"][1]
        message = life.receipt(life.terms_hash(terms), True, int(ours["at_ms"]))
        human = house.seat.keys.ratification_public
        signing.verify(human, "receipt-human", message, base64.b64decode(ours["signature"]))


async def test_a_receipt_by_no_human_of_no_deal_or_before_there_is_one_changes_nothing(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as guest, Foreigner(house, house.admit("Yan")) as other:
        task = await agreed(house, guest)
        terms = base64.b64decode(guest.words(task)["terms"])
        with pytest.raises(InvalidParamsError):
            await guest.afterwards(task["id"], **guest.receipt(terms, True))
        await guest.say(task["id"], **guest.ratification(terms))
        await house.seat.act("ratify")
        good = guest.receipt(terms, True)
        for bad in (
            guest.receipt(terms, True, guest.keys.agent),
            guest.receipt(terms + b"x", True),
            good | {"weal": "dispute"},
            good | {"at_ms": NOW + 1},
            good | {"at_ms": "now"},
            good | {"signature": "?"},
            good | {"reason": "x" * 201, "weal": "dispute"},
            {"weal": "outcome", "satisfied": "very"},
        ):
            with pytest.raises(InvalidParamsError):
                await guest.afterwards(task["id"], **bad)
        with pytest.raises(UnsupportedOperationError):
            await guest.say(task["id"], **good)  # A2A: a task that has ended takes no message
        with pytest.raises(TaskNotFoundError):
            await other.afterwards(task["id"], **good)
        assert (await house.seat.view()).outcome.receipts == ()


async def test_a_guest_sees_its_own_deals_alone_and_may_leave_before_it_ratified(house: House) -> None:
    async with Foreigner(house, house.admit("Zoe")) as zoe, Foreigner(house, house.admit("Yan")) as yan:
        task = await zoe.invite()
        await yan.invite()
        for method in (yan.client.get_task(a2a.GetTaskRequest(id=task["id"])), yan.say(task["id"], weal="decline")):
            with pytest.raises(TaskNotFoundError):
                await method
        yan.keys = zoe.keys  # whoever knows a key has not got it
        with pytest.raises(InvalidParamsError, match="named before"):
            await yan.invite()
        left = MessageToDict(await zoe.client.cancel_task(a2a.CancelTaskRequest(id=task["id"])))
        assert left["status"]["state"] == "TASK_STATE_CANCELED"
        listed = await zoe.client.list_tasks(a2a.ListTasksRequest())
        assert [one.id for one in listed.tasks] == [task["id"]]


async def test_who_shows_no_token_or_comes_from_a_browser_or_too_often_is_turned_away(house: House) -> None:
    token = house.admit("Zoe")
    call = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {}}
    async with httpx.AsyncClient(base_url=house.address, trust_env=False) as http:
        good = {"Authorization": f"Bearer {token}"}
        for headers, status in (
            ({}, 401),
            ({"Authorization": "Bearer guessed"}, 401),
            ({"Authorization": f"Basic {token}"}, 401),
            (good | {"Origin": "https://evil.example"}, 403),
            (good, 200),
        ):
            assert (await http.post("/a2a", json=call, headers=headers)).status_code == status
        for body, code in (
            (b"{", -32700),
            (b"[]", -32600),
            (b'{"jsonrpc":"2.0","id":1,"method":"SendStreamingMessage"}', -32004),
            (b'{"jsonrpc":"2.0","id":1,"method":"Fly"}', -32601),
            (b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":[]}', -32602),
            (b'{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"..%2f"}}', -32001),
            (b" " * 70_000, -32600),
        ):
            answer = await http.post("/a2a", content=body, headers=good)
            assert answer.json()["error"]["code"] == code
    async with Foreigner(house, token) as zoe:
        for _ in range(5):
            await zoe.invite()
        with pytest.raises(InvalidParamsError, match="wait already"):
            await zoe.invite()
        house.seat.off = True
        with pytest.raises(InvalidParamsError, match="switched off"):
            await zoe.say(
                (await house.visits.deals((await zoe.house.visits.book.all())[0]))[0][0].hex(), weal="decline"
            )


def test_the_facade_listens_on_loopback_alone() -> None:
    for listen in ("0.0.0.0:1", "8670", "example.org:80"):
        with pytest.raises(NodeError, match=r"127\.0\.0\.1"):
            bind(listen)
