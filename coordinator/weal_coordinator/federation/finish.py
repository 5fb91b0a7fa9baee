"""Finish charged rounds: build the release from all noisy sums so far, sign it, and put it up."""

import numpy as np

from weal_coordinator import keys, setup
from weal_coordinator.community.charter import Charter
from weal_coordinator.config import Home
from weal_coordinator.federation.build import Sum, accuracy, build, overall
from weal_coordinator.store import releases, rounds
from weal_coordinator.store.database import Database
from weal_protocol import release, release_log
from weal_protocol.contribution import LAYOUTS, length
from weal_protocol.representation import ENCODER_SHA256, PROJECTION_SHA256
from weal_protocol.v1 import release_pb2

REPORTS = 10  # rounds whose reports of accuracy are taken together


def finish_charged(place: Home, database: Database, rules: Charter) -> None:
    """Release what was charged; below the charter's floor the round ends with its release withheld."""
    aggregation = rules.aggregation
    with database.read() as connection:
        if not rounds.charged(connection):
            return
    with database.write() as connection:
        past = [one for one in rounds.every(connection) if one.state in {"charged", "done"}]
        open_ends = [one for one in past if one.state == "charged"]
        if not open_ends:
            return
        last = open_ends[-1]
        if last.population < aggregation.population_floor:
            for one in open_ends:
                rounds.finish(connection, one.number, 0)
            return
        sums = []
        for one in past:
            content = releases.get_catalogue(connection, bytes.fromhex(one.catalogue))
            items = tuple(item.hex() for item in release_pb2.Catalogue.FromString(content or b"").items)
            total = np.frombuffer(one.total, "<f8")
            layout = next(name for name in LAYOUTS if length(len(items), name, one.features) == len(total))
            rules_then = (one.sampling_rate, one.sigma, one.clip)
            sums.append(Sum(items, one.population, total, *rules_then, layout, one.features))
        newest = releases.latest(connection)
        number = (newest.number if newest else 0) + 1
        representation = build(sums, minimum_judges=aggregation.minimum_judges, number=number)
        manifest = release.Manifest(
            number,
            rules.community,
            last.number,
            last.population,
            last.epsilon,
            aggregation.delta,
            setup.now_ms(),
            ENCODER_SHA256,
            PROJECTION_SHA256,
            *accuracy(sums[-REPORTS:]),
            release_log.before(newest.manifest if newest else None),
            overall(sums),
        )
        made = release.write(representation, manifest, keys.load(place).agent)
        releases.put_release(connection, number, made.manifest, made.signature, made.tensors)
        for one in open_ends:
            rounds.finish(connection, one.number, number)
