"""Calls to our own SuperLink's private API, on loopback: protobuf over HTTPS, and many calls of one kind in one request.

Flower's own clients do the same, and import the web framework, a database layer and more to say which version they are: two seconds, which this
machine's own SuperLink need not be told.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
from flwr.supercore.constant import TASK_TOKEN_HEADER
from flwr.supercore.protobuf.client import ProtobufClient
from google.protobuf.message import DecodeError, Message

from weal_coordinator.federation.locked import HEADER, secret_beside
from weal_coordinator.federation.parcel import MANY, pack, unpack

T = TypeVar("T", bound=Message)
TYPE = "application/protobuf"


class LostError(Exception):
    """The SuperLink does not answer, or has forgotten the run: it was started again."""


class Calls:
    """One connection. token: of the run's task, for what only a run may ask. Nothing is repeated: LostError at the first fault."""

    def __init__(self, address: str, certificate: Path, token: str = "") -> None:
        client: Any = ProtobufClient.from_server_address(address, False, certificate.read_bytes(), [])
        self._http: httpx.Client = client._client
        self._url = f"https://{address}"
        self._http.headers.update(
            {"content-type": TYPE, "accept": TYPE, HEADER: secret_beside(certificate)}
            | ({TASK_TOKEN_HEADER: token} if token else {})
        )

    def ask(self, path: str, request: Message, kind: type[T]) -> T:
        """Make one call."""
        return _read(self._post(path, request.SerializeToString()), kind)

    def many(self, path: str, requests: Iterable[Message], kind: type[T]) -> Sequence[T]:
        """Make these calls of one kind, in order; all of them in one request."""
        bodies = [request.SerializeToString() for request in requests]
        if not bodies:
            return ()
        return [_read(part, kind) for part in unpack(self._post(MANY, pack([path.encode(), *bodies])))]

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _post(self, path: str, body: bytes) -> bytes:
        try:
            found = self._http.post(self._url + path, content=body)
            found.raise_for_status()
        except httpx.HTTPError as fault:
            raise LostError(str(fault)) from fault
        return found.content


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return kind.FromString(body)
    except DecodeError as fault:
        raise LostError("an answer that cannot be read") from fault
