"""A round, as Flower runs it: draw, notify, ask whoever attaches, sum with noise, charge, release.

Runs once a round, in the process of `weal-coordinator round` (host.py). Everything that must survive is in our database: a round that was
charged and not released is finished first; one that was only opened is given up, for nothing of it left.
"""

import hashlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flwr.app import ArrayRecord, ConfigRecord, Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from weal_coordinator import charters, config, keys, setup
from weal_coordinator.community.charter import Charter
from weal_coordinator.community.people import people
from weal_coordinator.config import Home
from weal_coordinator.federation.addresses import fleet_address, private_address
from weal_coordinator.federation.budget import Reckoner, check_budget, look_ahead
from weal_coordinator.federation.finish import finish_charged
from weal_coordinator.federation.flower import Control
from weal_coordinator.federation.grid import LOOK_S, Reply, RoundGrid
from weal_coordinator.federation.notices import Noticeboard
from weal_coordinator.federation.strategy import PrivateSum, draw
from weal_coordinator.store import expulsions, members, records, releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import cards
from weal_protocol.contribution import kind
from weal_protocol.representation import MAX_ITEMS
from weal_protocol.v1 import release_pb2

Population = dict[str, tuple[cards.Member, ...]]  # by person, their devices
log = logging.getLogger(__name__)
app = ServerApp()
no_client = ClientApp()  # Flower wants the name; nodes never load it


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Run one round."""
    if not isinstance(grid, RoundGrid):
        raise TypeError("a round runs on our own grid only: see grid.py for why")
    place = config.home(Path(str(context.run_config["home"])))
    database = Database(config.database_url(place, config.read(place)))
    try:
        run(grid, place, database, charters.in_force(place, database))
    finally:
        database.close()


def run(grid: RoundGrid, place: Home, database: Database, rules: Charter) -> None:
    """The steps of a round, in order."""
    finish_charged(place, database, rules)
    reckoner = check_budget(database, rules)  # again: whoever reaches the private port can start a run
    strategy, number, population = open_round(place, database, rules, reckoner)
    with ThreadPoolExecutor(1) as meanwhile:  # members take their time
        ahead = meanwhile.submit(look_ahead, database, rules)
        replies = collect(grid, strategy, time.monotonic() + rules.aggregation.deadline_s)
        ahead.result()
    with database.read() as connection:
        strategy.expelled = frozenset(expulsions.agent_keys(connection))
    strategy.aggregate_train(number, replies)
    for reason, count in sorted((+strategy.refused).items()):
        log.warning("round %d: %d replies refused: %s", number, count, reason)
    charge(database, rules, strategy, population, reckoner)
    finish_charged(place, database, rules)


def open_round(
    place: Home, database: Database, rules: Charter, reckoner: Reckoner
) -> tuple[PrivateSum, int, Population]:
    """Freeze the catalogue, flip a coin for each person, register their devices with the SuperLink and send them notice."""
    aggregation = rules.aggregation
    with database.write() as connection:
        rounds.fail_open(connection)
        own = keys.load(place).agent_public
        rows = [cards.known(row.card) for row in members.everyone(connection)]  # verified when they came
        population = people(member for member in rows if member.agent_key != own)
        items = records.item_ids(connection, MAX_ITEMS)
        content = release_pb2.Catalogue(items=[bytes.fromhex(item) for item in items]).SerializeToString(
            deterministic=True
        )
        digest = hashlib.sha256(content).digest()
        releases.put_catalogue(connection, digest, content)
        drawn = draw(sorted(population), aggregation.sampling_rate)
        number = rounds.open_round(connection, digest.hex(), len(population), drawn, aggregation, setup.now_ms())
        charged = rounds.charges(connection)
        newest = releases.latest(connection)
    with Control(private_address(place), place.certificate) as control:
        devices = {device.agent_key.hex(): (person, device) for person in drawn for device in population[person]}
        if gone := control.revoke({member.fleet_key for member in rows}):
            log.warning("round %d: %d nodes revoked: not, or no longer, members", number, gone)
        nodes = control.register({key: device.fleet_key for key, (_, device) in devices.items()})
    notice = release_pb2.RoundNotice(
        number=number,
        catalogue_sha256=digest,
        tier=kind(aggregation.layout),
        base_release=newest.number if newest else 0,
        fleet_address=fleet_address(place),
        deadline_ms=setup.now_ms() + aggregation.deadline_s * 1_000,
        clip=aggregation.clip,
        sigma=aggregation.sigma,
        sampling_rate=aggregation.sampling_rate,
        delta=aggregation.delta,
        aggregation="central",
    )
    with Noticeboard(place, config.running(place)["grpc"]) as board:
        for node, key in nodes.items():
            notice.fleet_node = node
            notice.epsilon_after = reckoner.after(charged.get(key, ()), aggregation)
            board.send(devices[key][1], notice)
    strategy = PrivateSum(
        number,
        digest.hex(),
        len(items),
        aggregation.clip,
        aggregation.sigma,
        aggregation.deadline_s,
        {node: devices[key][0] for node, key in nodes.items()},
        layout=aggregation.layout,
        local=frozenset(node for node, key in nodes.items() if devices[key][1].tier == "local"),
    )
    return strategy, number, population


def collect(grid: RoundGrid, strategy: PrivateSum, deadline: float) -> list[Message]:
    """Ask those drawn as they attach, until everyone has answered from a device or the deadline (monotonic seconds) has passed."""
    waiting, came = dict[str, int](), list[Reply]()
    silent = set(strategy.people.values())
    while time.monotonic() < deadline and silent:
        fresh = list(strategy.configure_train(strategy.number, ArrayRecord(), ConfigRecord(), grid))
        if fresh:
            nodes = [message.metadata.dst_node_id for message in fresh]
            waiting |= {name: node for name, node in zip(grid.push_messages(fresh), nodes, strict=True) if name}
        found = grid.take(waiting) if waiting else []
        for reply in found:
            del waiting[reply.asked]
            if reply.gone:  # it was counted as attached from an earlier round; it may attach yet
                strategy.asked.discard(reply.node)
            else:
                came.append(reply)
                silent.discard(strategy.people[reply.node])
        time.sleep(LOOK_S)  # also when something came: each look costs the SuperLink as much as a member's request
    strategy.refused["cannot be read"] = sum(reply.message is None for reply in came)
    return [reply.message for reply in came if reply.message is not None]


def charge(
    database: Database, rules: Charter, strategy: PrivateSum, population: Population, reckoner: Reckoner
) -> None:
    """Write the cost for everyone who was registered, and the noisy sum, in one transaction: before any release.

    A person is charged once. The charge stands under every device they have or had, so that whichever stays is told all of it.
    """
    with database.write() as connection:
        charged, keys = rounds.charges(connection), members.keys_of_people(connection)
        spent: dict[str, float] = {}
        for devices in population.values():
            every = keys[devices[0].ratification_key]
            spent |= dict.fromkeys(every, max(reckoner.after(charged.get(key, ()), rules.aggregation) for key in every))
        throughout = reckoner.after(rounds.spent_by_all(connection), rules.aggregation)
        total = strategy.total.astype("<f8").tobytes()
        rounds.note_refusals(connection, strategy.number, dict(+strategy.refused))
        rounds.charge(connection, strategy.number, spent, strategy.used, throughout, total)
