"""Numbers that a Prometheus server reads, and that name no one."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

Told = dict[tuple[str, str], float]


async def told(visitor: httpx.AsyncClient) -> Told:
    """The exposition as Prometheus' own parser reads it: by name and label value."""
    answer = await visitor.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [sample for family in parse(answer.text) for sample in family.samples]
    return {(sample.name, "".join(sample.labels.values())): sample.value for sample in samples}


async def test_an_empty_community(visitor: httpx.AsyncClient) -> None:
    found = await told(visitor)
    assert found["weal_members", ""] == 0
    assert found["weal_rounds", "done"] == 0
    assert found["weal_epsilon", ""] == 0
    assert found["weal_epsilon_cap", ""] == 8
    assert found["weal_release_number", ""] == 0
    assert ("weal_last_round_age_seconds", "") not in found  # there is none, and 0 would be a lie
    assert found["weal_process_resident_bytes", "coordinator"] > 1e6


async def test_a_community_with_a_history(community: Any, visitor: httpx.AsyncClient) -> None:
    for tier in ("light", "light", "none"):
        community.member(tier)
    community.done(0.5)
    community.failed()
    community.done(0.9)
    community.now_ms += 90_500
    found = await told(visitor)
    assert (found["weal_members", ""], found["weal_members_by_tier", "light"]) == (3, 2)
    assert [found["weal_rounds", state] for state in ("open", "charged", "done", "failed")] == [0, 0, 2, 1]
    assert (found["weal_epsilon", ""], found["weal_release_number", ""]) == (0.9, 3)
    assert found["weal_last_round_age_seconds", ""] == pytest.approx(90.5)
    assert found["weal_last_round_registered", ""] == 3
    assert (found["weal_last_round_sampled", ""], found["weal_last_round_used", ""]) == (3, 1)


async def test_reasons_without_the_words_of_members(community: Any, visitor: httpx.AsyncClient) -> None:
    said = {"wrong size": 2, "an error instead of statistics: it's me": 1, "an error instead of statistics: no, me": 3}
    community.opened(said)
    found = {key: value for key, value in (await told(visitor)).items() if key[0] == "weal_last_round_refused"}
    assert found == {
        ("weal_last_round_refused", "wrong size"): 2,
        ("weal_last_round_refused", "an error instead of statistics"): 4,
    }


async def test_what_is_not_ready_is_told(community: Any, visitor: httpx.AsyncClient, lose: Callable[[], None]) -> None:
    community.superlink = False
    lose()
    found = await told(visitor)
    assert (found["weal_ready", "database"], found["weal_ready", "superlink"]) == (0, 0)
    assert not any(name == "weal_members" for name, _ in found)
