"""What is answered without Flower's web framework is answered as it would be with it: the same checks, statuses and bodies."""

import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.proto.fleet_pb2 import ActivateNodeRequest, DeactivateNodeRequest, PullMessagesRequest, PushMessagesRequest
from flwr.proto.heartbeat_pb2 import SendNodeHeartbeatRequest
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, PullObjectRequest, PushObjectRequest
from flwr.proto.node_pb2 import Node
from flwr.proto.runtime_pb2 import PullAppMessagesRequest
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supernode.node_auth_http_interceptor import NodeAuthHttpInterceptor

from weal_coordinator import setup
from weal_coordinator.config import Home, Settings
from weal_coordinator.federation import host
from weal_coordinator.federation.direct import OFTEN, Direct
from weal_coordinator.federation.guard import FLEET, PUBLIC
from weal_coordinator.federation.parcel import MANY, pack
from weal_coordinator.federation.superlink import superlink_app

KEY, STRANGER = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
PUBLIC_KEY = public_key_to_bytes(KEY.public_key())
TYPE = {"content-type": "application/protobuf"}


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Direct:
    """A SuperLink's app with one registered node."""
    place = Home(tmp_path_factory.mktemp("direct") / "community")
    setup.found(place, "commons", Settings())
    found = superlink_app(place, 0)
    assert isinstance(found, Direct)
    state = found.flower.state.linkstate_factory.state()
    state.create_node("", "", PUBLIC_KEY, 0)
    return found


def node(direct: Direct) -> Node:
    return Node(node_id=direct.flower.state.linkstate_factory.state().get_node_id_by_public_key(PUBLIC_KEY))


def attached(direct: Direct, wanted: bool) -> None:
    """Bring the node into this state, whatever it did before."""
    state, one = direct.flower.state.linkstate_factory.state(), node(direct).node_id
    state.activate_node(one, 30)
    if not wanted:
        state.deactivate_node(one)


def signed(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Return the headers that Flower's own client would send."""
    request = httpx.Request("POST", "http://x/")
    context: Any = type("Context", (), {"request": request})
    NodeAuthHttpInterceptor(key, key.public_key()).intercept(context, lambda _: httpx.Response(200))
    return TYPE | {name: value for name, value in request.headers.items() if name.startswith("flwr-")}


async def ask(app: Any, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        found = await client.post(path, content=body, headers=headers)
    return found.status_code, found.headers.get("content-type", ""), found.content


def requests(one: Node) -> dict[str, Any]:
    """Return for each of a member's paths a request that Flower answers without a run."""
    return {
        "send-node-heartbeat": SendNodeHeartbeatRequest(node=one, heartbeat_interval=30),
        "pull-messages": PullMessagesRequest(node=one),
        "push-messages": PushMessagesRequest(node=one),
        "push-object": PushObjectRequest(node=one, run_id=1, object_id="00" * 32),
        "pull-object": PullObjectRequest(node=one, run_id=1, object_id="00" * 32),
        "confirm-message-received": ConfirmMessageReceivedRequest(node=one, run_id=1, message_object_id="00" * 32),
        "deactivate-node": DeactivateNodeRequest(node_id=one.node_id),
        "activate-node": ActivateNodeRequest(public_key=PUBLIC_KEY, heartbeat_interval=30),
    }


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(PUBLIC))
async def test_a_member_is_answered_as_flower_would(direct: Direct, path: str) -> None:
    body = requests(node(direct))[path.removeprefix(FLEET)].SerializeToString()
    headers = signed(KEY)
    assert len(headers) == 4
    cases = {
        "as it should be": (body, headers),
        "not signed": (body, TYPE),
        "signed by someone else": (body, signed(STRANGER)),
        "no protobuf": (b"\xff" * 9, headers),
        "another media type": (body, headers | {"content-type": "application/json"}),
    }
    for name, (content, said) in cases.items():
        found = []
        for app in (direct.flower, direct):
            attached(direct, not path.endswith("/activate-node"))
            found.append(await ask(app, path, content, said))
        assert found[0] == found[1], name
        assert (found[0][0] == 401) == (name in ("not signed", "signed by someone else")), (name, found[0])


@pytest.mark.parametrize("path", sorted(OFTEN))
async def test_a_round_is_answered_as_flower_would(direct: Direct, path: str) -> None:
    for body in (b"", b"\xff" * 9, PullAppMessagesRequest(message_ids=["a"]).SerializeToString()):
        for headers in (TYPE, TYPE | {"flwr-task-token": "stolen"}, {"content-type": "text/plain"}):
            found = [await ask(app, path, body, headers) for app in (direct.flower, direct)]
            assert found[0] == found[1]
            assert found[0][0] >= 400
            assert json.loads(found[0][2])["code"]


async def test_everything_else_is_flowers(direct: Direct) -> None:
    for path in ("/v1/control/list-nodes", "/v1/control/start-run", "/v1/fleet/get-fab", "/nowhere"):
        both = [await ask(app, path, b"", TYPE) for app in (direct, direct.flower)]
        assert [status for status, *_ in both] == [both[0][0]] * 2


@pytest.mark.parametrize("parts", [[b"/v1/runtime/pull-object"], [b"/v1/control/list-nodes", b""], [b"\xff", b""]])
async def test_a_parcel_opens_no_other_path_and_nothing_without_a_token(direct: Direct, parts: list[bytes]) -> None:
    status, _, said = await ask(direct, MANY, pack([*parts, b""]), TYPE)
    assert status >= 400
    assert b"Traceback" not in said
    assert (await ask(direct, MANY, pack([*parts, b""])[:-1], TYPE))[0] >= 400


def test_flower_still_calls_a_serverapps_task_by_this_name() -> None:
    from flwr.supercore.constant import TaskType

    assert host.TASK == TaskType.SERVER_APP
