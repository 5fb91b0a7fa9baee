"""A running node: its parts, built once, and the work that goes on while it runs."""

import asyncio
import random
from functools import partial

from weal_node import keys
from weal_node.app.clock import now_ms
from weal_node.app.outward import Outward, answers
from weal_node.app.peers import Peers
from weal_node.assistant.model_calls import Models
from weal_node.commons import publishing, review
from weal_node.commons.admission import Quota
from weal_node.commons.contributions import BuildOn
from weal_node.commons.reconcile import Puller
from weal_node.commons.replica import Mirror, shelve, shelve_own
from weal_node.commons.serving import Replica
from weal_node.config import Home, Settings
from weal_node.deals.approvals import Approvals
from weal_node.deals.context import Context
from weal_node.deals.deals import Deals
from weal_node.deals.exchange_cycles import Chains
from weal_node.deals.guests import GuestBook, Visits
from weal_node.deals.stakes import ActionLimits
from weal_node.deals.warmup import Preparing
from weal_node.errors import RefusedError
from weal_node.features.weights import ENCODER_SHA256
from weal_node.federation import membership
from weal_node.federation.participant import Participant, ParticipantHome
from weal_node.importing.job import Importing
from weal_node.importing.triage import Sifting
from weal_node.importing.watcher import attend
from weal_node.mail.outbox import Outbox, Routes
from weal_node.mind.edits import Edits
from weal_node.mind.mind import Mind
from weal_node.mind.seed_statements import starter, starter_embeddings
from weal_node.mind.vault_concepts import own
from weal_node.outbound.community import Community
from weal_node.outbound.direct import DirectConnections
from weal_node.rereading import asked
from weal_node.rereading.rereading import Rereading
from weal_node.rpc import mail, record_sync
from weal_node.search import index_build
from weal_node.search.service import Search
from weal_node.store import embeddings, look_gestures, passages
from weal_node.store.database import Database
from weal_node.today import discovery, reread
from weal_node.today.interruption import hours
from weal_node.upkeep.supervisor import Supervisor
from weal_node.vault import history
from weal_node.vault.folder import Vault
from weal_node.web.desk import Desk, Joined
from weal_node.web.door.login import Login
from weal_node.worker import TorchWorker

WORDS_EVERY_S = 30.0
CONNECT_EVERY_S = 60.0
SWITCH_EVERY_S = 0.2
SHELVE_EVERY_S = 3.0


class Node:
    """The parts of one home. The caller holds its lock. `start` returns at once; `desk.ready` says when it can judge."""

    def __init__(self, place: Home, settings: Settings) -> None:
        self.place = place
        self.settings = settings
        self.keys = keys.load(place.keys)
        self.database = Database(place.database)
        history.create(place.vault)
        history.recover(place.vault)  # what a killed node left; the lock is ours
        self.vault = Vault(place.vault, self.database.read_now(review.rules))
        self.worker = TorchWorker()
        self.watch = Supervisor()
        self.mind = Mind(self.database, self.worker, now_ms, settings.language)
        self.desk = Desk(
            home=place,
            settings=settings,
            login=Login(place.sessions, place.control, place.page_name, now_ms),
            database=self.database,
            vault=self.vault,
            mind=self.mind,
            search=Search(self.database, self.worker, lambda: self.desk.names()),
            rereading=Rereading(self.database, self.vault, self.worker, now_ms),
            models=Models(self.database, now_ms, settings.model_cost_cap, settings.model_timeout_s),
            control=Edits(self.database, self.mind, now_ms),
            watch=self.watch,
            importing=Importing(self.database, self.vault, now_ms),
            sifting=Sifting(self.database, self.vault),
            own_key=self.keys.agent_public.hex(),
            now_ms=now_ms,
            rng=random.Random(),  # noqa: S311  # which question to ask is no secret
            join=self.join,
            leave=self.leave,
            pause=self.pause,
            paused=place.paused.exists(),
            quiet=hours(settings.quiet_hours),
        )
        self._outward: Outward | None = None

    def start(self) -> None:
        """Start everything that goes on in the background."""
        remark = partial(self.watch.remark, "vault")
        self.watch.start("vault", lambda: attend(self.database, self.vault, self.settings, now_ms, remark))
        self.watch.start("reading", self._read)
        self.watch.start(
            "look", self.desk.rereading.keep_up
        )  # before the index: what it reads is little, and asked for first
        self.watch.start("switch", self._heed)
        self.watch.start("shelf", self._shelve)

    async def _heed(self) -> None:
        """Heed the off switch, whoever threw it: the file in the home is the switch, so `weal off` needs no answer of us."""
        while True:
            if (off := self.place.paused.exists()) != self.desk.paused:
                await self.pause(off)
            await asyncio.sleep(SWITCH_EVERY_S)

    async def _read(self) -> None:
        """Let the mind learn from what is stored, give an empty node its first statements, then turn outwards."""
        await self.mind.start()
        if not self.mind.items():
            vectors = starter_embeddings()
            await self.database.write(lambda connection: embeddings.add(connection, ENCODER_SHA256, vectors.items()))
            await self.mind.add_items(starter())
        self.desk.ready.set()
        self.watch.start("concepts", self._words)
        self.watch.start("statements", partial(asked.keep_up, self.database, self.mind, self.desk.rereading))
        own = self.keys.agent_public.hex()
        self.watch.start("index", partial(index_build.keep_up, self.database, self.vault, own, self.worker))
        await self.mind.read_on()  # after a change of the encoder; nothing is proposed or sent on what is half read
        self.watch.start("connections", self._connect)
        if (self.place.community / "membership.json").exists() and self.desk.joined is None:
            community = Community.open(self.place.community, self.keys)
            await membership.recall(self.database, community)
            self._enter(community)

    async def _words(self) -> None:
        """Keep the mind's own concepts as the vault's tags, folders and titles are, whoever changes them."""
        held: dict[tuple[str, str], list[str]] = {}
        seen = -1
        while True:
            if (changes := self.vault.changes) != seen:
                notes, _ = await publishing.written(self.database, self.vault)
                words = own(notes)
                if words != held:
                    await self.mind.hold(words)
                    held = words
                seen = changes
            await asyncio.sleep(WORDS_EVERY_S)

    async def _connect(self) -> None:
        """Look for proposals whenever everything has been read and something of it is new, and once a day."""
        seen: tuple[int, ...] = ()
        while True:
            now = now_ms()
            standing = await self.database.read(passages.standing)
            said = await self.database.read(look_gestures.every)
            mark = (*standing, now // discovery.DAY_MS, len(said), said[0].at_ms if said else 0)
            if mark != seen and standing[1] == 0:
                await reread.bring(self.database, self.desk.rereading, self.mind, now)
                await discovery.connect(self.database, self.desk.search, self.mind, now)
                seen = mark
            await asyncio.sleep(CONNECT_EVERY_S)

    async def _shelve(self) -> None:
        """Keep the shelf of topics as vault and records are, in a community or in none."""
        seen = -1
        while True:
            if (changes := self.vault.changes) != seen:
                await shelve_own(self.database, self.vault)
                seen = changes
            await shelve(self.database)
            await asyncio.sleep(SHELVE_EVERY_S)

    async def join(self, wish: membership.JoinRequest) -> str:
        """Join the community of an invite, with what its person ticked, and start to take part; RefusedError where the node is in one already."""
        if self.desk.joined is not None:
            raise RefusedError(
                f"this node is in {self.desk.joined.name} already", "One node, one community: leave it first"
            )
        self.desk.check_not_paused()
        node = membership.JoiningNode(self.place, self.desk.settings, self.keys, self.database, self.vault)
        name = await membership.join(node, wish, now_ms)
        self._enter(Community.open(self.place.community, self.keys))
        return name

    async def leave(self) -> str:
        """Leave the community and stop all that goes on there; return its name. Nothing stops where it cannot be told."""
        joined = self.desk.community()
        self.desk.check_not_paused()
        await membership.leave(self.place, self.database, joined.community, now_ms())
        await self._turn_inwards()
        self._outward, self.desk.joined = None, None
        await joined.community.close()
        return joined.name

    async def pause(self, on: bool) -> None:
        """Stop all outward work and keep it stopped over restarts, or let it go on."""
        if on:
            self.place.paused.touch()
            self.desk.paused = True
            await self._turn_inwards()
        else:
            self.place.paused.unlink(missing_ok=True)
            self.desk.paused = False
            self._turn_outwards()

    async def close(self) -> None:
        """Stop the work, then the connections, then the database: what was acknowledged is on disk."""
        await self._turn_inwards()
        await self.desk.importing.close()
        await self.desk.sifting.close()
        await self.watch.stop()
        if self.desk.joined is not None:
            await self.desk.joined.community.close()
        self.worker.close()
        self.database.close()

    async def _turn_inwards(self) -> None:
        """Stop everything that sends or fetches: conversations first, at once; then the process that answers rounds."""
        if self._outward is not None:
            await self.watch.stop(*self._outward.work())
            await self._outward.direct.close()
            await self._outward.answering.close()

    def _enter(self, community: Community) -> None:
        """Give the desk what there is only in a community, and turn outwards."""
        approvals = Approvals(now_ms, self.place.paused.exists, limits(self.settings))
        direct = DirectConnections(self.keys)
        book = GuestBook(self.database)
        correspondence = Outbox(
            self.database, self.keys, community, now_ms, approvals.check_on, Routes(direct, book.card)
        )

        def name_of(key: bytes) -> str:
            return f"{guest.name} (guest)" if (guest := book.card(key)) else community.name_of(key)

        context = Context(self.database, self.keys, correspondence, community, approvals, now_ms, name_of)
        bargaining = Deals(context, self.mind)
        visits = Visits(bargaining, book, community.is_member)
        home = ParticipantHome(self.place, self.settings, self.database)
        answering = Participant(home, self.mind, community, now_ms, correspondence.refuse)
        room = Quota(author_bytes=self.settings.mirror_author_mib << 20, whole_bytes=self.settings.mirror_mib << 20)
        jury = community.jury  # asked each time: the charter may be amended while the node runs
        puller = Puller(self.database, community, self.keys.agent_public, room, jury)
        building = BuildOn(self.database, self.vault, self.settings, self.keys, community, now_ms, jury)
        self.desk.joined = Joined(community.name, self.keys.agent_public.hex(), community, bargaining, building)
        self._outward = Outward(
            self.settings,
            self.database,
            self.vault,
            self.keys,
            self.mind,
            community,
            correspondence,
            bargaining,
            answering,
            Mirror(self.database, self.keys, community, puller, now_ms),
            Peers(
                self.place,
                self.settings,
                community,
                services=(  # one line a service
                    record_sync.service(Replica(self.database), community),
                    mail.mail(community, partial(correspondence.take, handlers=answers(bargaining, answering))),
                ),
            ),
            direct,
            visits,
            Preparing(self.database, self.keys, self.mind),
            Chains(context, community, bargaining.look_again),
        )
        self._turn_outwards()

    def _turn_outwards(self) -> None:
        """Start the outward work, unless there is nowhere to turn or the person paused it."""
        if self._outward is not None and not self.desk.paused:
            for name, work in self._outward.work().items():
                self.watch.start(name, work)


def limits(settings: Settings) -> ActionLimits:
    """Return what the person allows to be at stake."""
    return ActionLimits(
        bits_peer=settings.peer_bits_cap,
        bits_week=settings.week_bits_cap,
        hours_open=settings.open_hours_cap,
        hours_stranger=settings.stranger_hours_cap,
        deals_week=settings.week_deals_cap,
        offers_only_first=settings.careful_first_deals,
    )
