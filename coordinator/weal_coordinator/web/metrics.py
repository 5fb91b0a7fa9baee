"""Numbers for a Prometheus server, in its text format. No member is named, in names, labels or values.

Format: Prometheus text exposition 0.0.4. A registry of our own: the client's default one would add what it likes.
"""

from collections import Counter
from collections.abc import Iterable

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

from weal_coordinator.community.charter import Aggregation
from weal_coordinator.store.standing import Tally
from weal_protocol.cards import TIERS

__all__ = ["CONTENT_TYPE", "text"]
STATES = ("open", "charged", "done", "failed")


def text(now: Tally | None, rules: Aggregation, superlink: bool, now_ms: int) -> bytes:
    """Return the exposition. now: None while the database does not answer. superlink: whether it is ready. now_ms: Unix time."""
    registry = CollectorRegistry()
    registry.register(_Gauges(now, rules, superlink, now_ms))
    return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, now: Tally | None, rules: Aggregation, superlink: bool, now_ms: int) -> None:
        self._now, self._rules, self._superlink, self._now_ms = now, rules, superlink, now_ms

    def collect(self) -> Iterable[Metric]:
        """Yield what is known: the processes always, the community while its database answers."""
        ready = {"database": float(self._now is not None), "superlink": float(self._superlink)}
        yield _labelled("weal_ready", "1 while this part answers", "part", ready)
        yield _labelled("weal_process_resident_bytes", "Resident memory", "process", _memory())
        yield _plain("weal_epsilon_cap", "The charter's cap on epsilon", self._rules.epsilon_cap)
        if self._now is not None:
            yield from _community(self._now)
            yield from _newest_round(self._now, self._now_ms)


def _community(now: Tally) -> Iterable[Metric]:
    yield _plain("weal_members", "Members now, the coordinator among them", now.members)
    tiers = dict.fromkeys(TIERS, 0) | now.tiers
    yield _labelled("weal_members_by_tier", "Members by what they give to aggregation", "tier", tiers)
    yield _plain("weal_invites_open", "Invites that were not used yet", now.invites_open)
    yield _plain("weal_records", "Records in the commons", now.records)
    yield _plain("weal_mail_waiting", "Letters that wait for their receivers", now.mail_waiting)
    yield _labelled("weal_rounds", "Rounds by state", "state", dict.fromkeys(STATES, 0) | now.rounds)
    yield _plain("weal_epsilon", "Spent by a member who was registered throughout", now.epsilon)
    yield _plain("weal_release_number", "The newest release, 0 for none", now.release.number if now.release else 0)


def _newest_round(now: Tally, now_ms: int) -> Iterable[Metric]:
    if now.last is None:
        return
    age = max(now_ms - now.last.opened_ms, 0) / 1_000
    yield _plain("weal_last_round_age_seconds", "Since the newest round was begun", age)
    yield _plain("weal_last_round_registered", "Members whose coins were flipped in it", now.last.registered)
    yield _plain("weal_last_round_sampled", "Members who were drawn in it", now.sampled)
    yield _plain("weal_last_round_used", "Replies that counted in it", now.used)
    reasons: Counter[str] = Counter()
    for reason, count in now.refused.items():
        reasons[reason.partition(":")[0]] += count  # what follows a colon may be a member's own words
    yield _labelled("weal_last_round_refused", "Replies that counted as zero in it", "reason", dict(reasons))


def _memory() -> dict[str, float]:
    own = psutil.Process()
    children = 0
    for child in own.children(recursive=True):
        try:
            children += child.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return {"coordinator": own.memory_info().rss, "superlink": children}


def _plain(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _labelled(name: str, what: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
