"""Releases and catalogues, as the rounds wrote them."""

import asyncio

from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import releases
from weal_coordinator.store.database import Database
from weal_protocol.v1 import release_pb2 as pb
from weal_protocol.v1 import release_pb2_grpc as rpc


class ReleaseService(rpc.ReleaseServiceServicer):
    """See release.proto."""

    def __init__(self, database: Database, door: Door) -> None:
        self.door = door
        self._database = database

    @members_only
    async def GetCatalogue(self, request: pb.GetCatalogueRequest, agent_key: bytes) -> pb.GetCatalogueResponse:  # noqa: N802 -- gRPC's name
        """Answer with the items of a round."""
        content = await asyncio.to_thread(self._catalogue, request.catalogue_sha256)
        if content is None:
            raise CoordinatorError("there is no catalogue of this digest")
        return pb.GetCatalogueResponse(catalogue=pb.Catalogue.FromString(content))

    def _catalogue(self, digest: bytes) -> bytes | None:
        with self._database.read() as connection:
            return releases.get_catalogue(connection, digest)

    @members_only
    async def GetRelease(self, request: pb.GetReleaseRequest, agent_key: bytes) -> pb.GetReleaseResponse:  # noqa: N802 -- gRPC's name
        """Answer with one release, or with none while nothing was released."""
        found = await asyncio.to_thread(self._release, request.number)
        if found is None:
            return pb.GetReleaseResponse()
        release = pb.Release(manifest=found.manifest, signature=found.signature, tensors=found.tensors)
        return pb.GetReleaseResponse(release=release)

    def _release(self, number: int) -> releases.Release | None:
        with self._database.read() as connection:
            return releases.get(connection, number)
