"""The charter: every rule within its bounds, or a fault that names it."""

import hashlib

import pytest

from weal_coordinator.community.charter import BOUNDS, TEMPLATE, read
from weal_coordinator.errors import CoordinatorError

GOOD = TEMPLATE.format(name="commons")


def with_rule(rule: str, value: str) -> str:
    lines = [f"{rule} = {value}" if line.startswith(f"{rule} ") else line for line in GOOD.splitlines()]
    return "\n".join(lines) + "\n"


def test_a_new_charter_has_the_rules_we_promise() -> None:
    rules = read(GOOD)
    assert rules.name == "commons"
    assert rules.digest == hashlib.sha256(GOOD.encode()).digest()
    kept = rules.aggregation
    assert (kept.sampling_rate, kept.clip, kept.sigma, kept.delta, kept.epsilon_cap) == (0.2, 1.0, 1.0, 1e-5, 8.0)
    assert (kept.population_floor, kept.minimum_judges, kept.deadline_s) == (200, 10, 120)


@pytest.mark.parametrize("rule", list(BOUNDS))
def test_a_rule_out_of_bounds_is_named(rule: str) -> None:
    low, high = BOUNDS[rule]
    for value in (f"{high * 2}", f"{low / 2 - 1}", "true", '"1"', "nan", "inf", "[]"):
        with pytest.raises(CoordinatorError, match=rule):
            read(with_rule(rule, value))


@pytest.mark.parametrize("rule", ["population_floor", "minimum_judges", "deadline_s"])
def test_what_is_counted_is_a_whole_number(rule: str) -> None:
    with pytest.raises(CoordinatorError, match=rule):
        read(with_rule(rule, "10.5"))


def test_a_rule_too_many_or_too_few_is_named() -> None:
    with pytest.raises(CoordinatorError, match="clip"):
        read("\n".join(line for line in GOOD.splitlines() if not line.startswith("clip")))
    with pytest.raises(CoordinatorError, match="mercy"):
        read(GOOD + "mercy = 1\n")


@pytest.mark.parametrize(
    "text", ["", "[", "[community]\n", "community = 3", '[community]\nname = "x"\n', "[community]\n[aggregation]\n"]
)
def test_what_is_no_charter_is_a_named_fault(text: str) -> None:
    with pytest.raises(CoordinatorError, match="charter"):
        read(text)


@pytest.mark.parametrize("name", ["", "x" * 81, "ü" * 41])
def test_a_name_has_1_to_80_bytes(name: str) -> None:
    with pytest.raises(CoordinatorError, match="80 bytes"):
        read(TEMPLATE.format(name=name))
