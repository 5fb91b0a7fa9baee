"""Flower's Control API on our own SuperLink, and the bundle a run is submitted with. Neither is public API.

flwr is pinned to one minor version; contract tests fail when an upgrade changes what is used here and in calls, direct, grid and host.
"""

import hashlib
from pathlib import Path
from typing import Any

from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListNodesResponse,
    ListRunsRequest,
    ListRunsResponse,
    RegisterNodeRequest,
    RegisterNodeResponse,
    StartRunRequest,
    StartRunResponse,
    StopRunRequest,
    StopRunResponse,
    UnregisterNodeRequest,
    UnregisterNodeResponse,
)
from flwr.supercore.fab import Fab

from weal_coordinator.federation.calls import Calls, LostError

CONTROL = "/v1/control/"


class Control:
    """The private Control API of our own SuperLink, on loopback. LostError when it does not answer."""

    def __init__(self, address: str, certificate: Path) -> None:
        self._calls = Calls(address, certificate)

    def __enter__(self) -> "Control":
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()

    def register(self, keys: dict[str, bytes]) -> dict[int, str]:
        """Make these people's keys (name to PEM) known to the SuperLink; return node ids to names."""
        known = {key: node for node, key in self.nodes()}
        found = {}
        for name, key in keys.items():
            node = known.get(key)
            if node is None:
                request = RegisterNodeRequest(public_key=key)
                node = int(self._calls.ask(CONTROL + "register-node", request, RegisterNodeResponse).node_id)
            found[node] = name
        return found

    def revoke(self, allowed: set[bytes]) -> int:
        """Make the SuperLink forget every node whose key (PEM) is not one of these; return how many there were."""
        gone = [node for node, key in self.nodes() if key not in allowed]
        for node in gone:
            request = UnregisterNodeRequest(node_id=node)
            self._calls.ask(CONTROL + "unregister-node", request, UnregisterNodeResponse)
        return len(gone)

    def nodes(self) -> list[tuple[int, bytes]]:
        """Return the nodes that are registered: Flower's number and the key of each."""
        found = self._calls.ask(CONTROL + "list-nodes", ListNodesRequest(), ListNodesResponse)
        return [(int(one.node_id), bytes(one.public_key)) for one in found.nodes_info if one.status != "unregistered"]

    def start(self, bundle: bytes, settings: dict[str, Any]) -> int:
        """Submit a run of our bundle; return its id."""
        fab = Fab(hashlib.sha256(bundle).hexdigest(), bundle, {})
        request = StartRunRequest(fab=fab_to_proto(fab), override_config=user_config_to_proto(settings))
        return int(self._calls.ask(CONTROL + "start-run", request, StartRunResponse).run_id)

    def status(self, run: int) -> tuple[str, str, str]:
        """Return a run's status, how it ended ("" while it runs), and details."""
        known = self._calls.ask(CONTROL + "list-runs", ListRunsRequest(run_id=run), ListRunsResponse).run_dict
        if run not in known:
            raise LostError("a run that is not known")
        status = known[run].status
        return status.status, status.sub_status, status.details

    def unfinished(self) -> set[int]:
        """Return the runs that wait or are carried by someone."""
        known = self._calls.ask(CONTROL + "list-runs", ListRunsRequest(), ListRunsResponse).run_dict
        return {int(run) for run, one in known.items() if one.status.status != "finished"}

    def stop(self, run: int) -> None:
        """Stop a run."""
        self._calls.ask(CONTROL + "stop-run", StopRunRequest(run_id=run), StopRunResponse)


def build_bundle(settings: bytes, kept: Path | None = None) -> bytes:
    """Return a Flower bundle that holds settings only (a pyproject.toml): its components name installed packages.

    kept: a folder where it is kept from one round to the next.
    """
    path = kept / f"bundle-{hashlib.sha256(settings).hexdigest()[:16]}.fab" if kept else None
    if path is not None and path.is_file():
        return path.read_bytes()
    from flwr.cli.build import build_fab_from_files  # a tenth of a second, for the same bytes each time

    made: bytes = build_fab_from_files({"pyproject.toml": settings})[0]
    if path is not None:
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(made)
        temporary.replace(path)
    return made
