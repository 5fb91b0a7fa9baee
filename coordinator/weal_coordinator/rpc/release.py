"""Releases and catalogues, as the rounds wrote them; what a member was charged; and whether they have new answers."""

import asyncio
from collections.abc import Callable

from weal_coordinator.community.charter import Aggregation
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.rpc.authentication import Door, members_only
from weal_coordinator.store import ready, releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import release_log
from weal_protocol.v1 import release_pb2, release_pb2_grpc

NUMBERS = 2**63  # a database's whole numbers are below


class ReleaseService(release_pb2_grpc.ReleaseServiceServicer):
    """See release.proto."""

    def __init__(self, database: Database, door: Door, rules: Aggregation, clock: Callable[[], int]) -> None:
        self.door = door
        self._database = database
        self._rules = rules
        self._clock = clock

    @members_only
    async def GetCatalogue(  # noqa: N802 -- gRPC's name
        self, request: release_pb2.GetCatalogueRequest, agent_key: bytes
    ) -> release_pb2.GetCatalogueResponse:
        """Answer with the items of a round."""
        content = await asyncio.to_thread(self._catalogue, request.catalogue_sha256)
        if content is None:
            raise CoordinatorError("there is no catalogue of this digest")
        return release_pb2.GetCatalogueResponse(catalogue=release_pb2.Catalogue.FromString(content))

    def _catalogue(self, digest: bytes) -> bytes | None:
        with self._database.read() as connection:
            return releases.get_catalogue(connection, digest)

    @members_only
    async def GetRelease(  # noqa: N802 -- gRPC's name
        self, request: release_pb2.GetReleaseRequest, agent_key: bytes
    ) -> release_pb2.GetReleaseResponse:
        """Answer with one release, or with none while nothing was released."""
        found = await asyncio.to_thread(self._release, request.number)
        if found is None:
            return release_pb2.GetReleaseResponse()
        release = release_pb2.Release(manifest=found.manifest, signature=found.signature, tensors=found.tensors)
        return release_pb2.GetReleaseResponse(release=release)

    def _release(self, number: int) -> releases.Release | None:
        with self._database.read() as connection:
            return releases.get(connection, number)

    @members_only
    async def ListManifests(  # noqa: N802 -- gRPC's name
        self, request: release_pb2.ListManifestsRequest, agent_key: bytes
    ) -> release_pb2.ListManifestsResponse:
        """Answer with the log's entries after a number."""
        if request.after >= NUMBERS:
            return release_pb2.ListManifestsResponse()
        found = await asyncio.to_thread(self._manifests, request.after)
        return release_pb2.ListManifestsResponse(
            manifests=[
                release_pb2.SignedManifest(manifest=manifest, signature=signature) for manifest, signature in found
            ]
        )

    def _manifests(self, after: int) -> tuple[tuple[bytes, bytes], ...]:
        with self._database.read() as connection:
            return releases.manifests(connection, after, release_log.PAGE)

    @members_only
    async def GetAccount(  # noqa: N802 -- gRPC's name
        self, request: release_pb2.GetAccountRequest, agent_key: bytes
    ) -> release_pb2.GetAccountResponse:
        """Answer with what the ledger says of whoever asks, and of no one else."""
        return await asyncio.to_thread(self._account, agent_key.hex())

    def _account(self, agent_key: str) -> release_pb2.GetAccountResponse:
        with self._database.read() as connection:
            charges = rounds.account(connection, agent_key)
            last, failed = rounds.last_charged(connection), rounds.failed(connection)
        return release_pb2.GetAccountResponse(
            charges=[
                release_pb2.Charge(
                    round=one.number, epsilon=one.epsilon, sampling_rate=one.sampling_rate, sigma=one.sigma
                )
                for one in charges
            ],
            delta=self._rules.delta,
            epsilon_cap=self._rules.epsilon_cap,
            last_round=last,
            failed=failed,
        )

    @members_only
    async def ReportAnswers(  # noqa: N802 -- gRPC's name
        self, request: release_pb2.ReportAnswersRequest, agent_key: bytes
    ) -> release_pb2.ReportAnswersResponse:
        """Remember the bit until the next round is charged."""
        await asyncio.to_thread(self._report, agent_key.hex(), request.since_round)
        return release_pb2.ReportAnswersResponse()

    def _report(self, agent_key: str, since: int) -> None:
        with self._database.write() as connection:
            if since == rounds.last_charged(connection):  # one that was late speaks of answers which are used up
                ready.report(connection, agent_key, since, self._clock())
