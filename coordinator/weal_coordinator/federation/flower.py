"""The one file here that touches parts of Flower that are not public API: its SuperLink app and Control API.

flwr is pinned to one minor version; a contract test fails when an upgrade changes what is used.
"""

import hashlib
from pathlib import Path
from typing import Any

from flwr.cli.build import build_fab_from_files
from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListRunsRequest,
    RegisterNodeRequest,
    StartRunRequest,
    StopRunRequest,
)
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.fab import Fab


class Control:
    """The private Control API of our own SuperLink, on loopback."""

    def __init__(self, address: str, certificate: Path) -> None:
        self._client = ControlHttpClient.from_server_address(address, False, certificate.read_bytes(), interceptors=[])

    def register(self, keys: dict[str, bytes]) -> dict[int, str]:
        """Make these people's keys (name to PEM) known to the SuperLink; return node ids to names."""
        known = {
            bytes(node.public_key): int(node.node_id)
            for node in self._client.ListNodes(ListNodesRequest()).nodes_info
            if node.status != "unregistered"
        }
        found = {}
        for name, key in keys.items():
            node = known.get(key)
            if node is None:
                node = int(self._client.RegisterNode(RegisterNodeRequest(public_key=key)).node_id)
            found[node] = name
        return found

    def start(self, bundle: bytes, settings: dict[str, Any]) -> int:
        """Submit a run of our bundle; return its id."""
        fab = Fab(hashlib.sha256(bundle).hexdigest(), bundle, {})
        request = StartRunRequest(fab=fab_to_proto(fab), override_config=user_config_to_proto(settings))
        return int(self._client.StartRun(request).run_id)

    def status(self, run: int) -> tuple[str, str, str]:
        """Return a run's status, how it ended ("" while it runs), and details."""
        status = self._client.ListRuns(ListRunsRequest(run_id=run)).run_dict[run].status
        return status.status, status.sub_status, status.details

    def stop(self, run: int) -> None:
        """Stop a run."""
        self._client.StopRun(StopRunRequest(run_id=run))


def build_bundle(settings: bytes) -> bytes:
    """Return a Flower bundle that holds settings only (a pyproject.toml): its components name installed packages."""
    return build_fab_from_files({"pyproject.toml": settings})[0]
