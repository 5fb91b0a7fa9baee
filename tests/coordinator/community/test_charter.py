"""The charter is read whole, or the rule that is wrong is named."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_coordinator.community.charter import BOUNDS, SCHEDULE, TEMPLATE, Aggregation, read
from weal_coordinator.errors import CoordinatorError
from weal_protocol.accounting import epsilon

GOOD = TEMPLATE.format(name="commons")


def test_the_template_is_a_charter() -> None:
    rules = read(GOOD)
    assert rules.name == "commons"
    assert rules.aggregation == Aggregation(
        0.2,
        1.0,
        1.5,
        1e-5,
        8.0,
        200,
        10,
        120,
        "factors",
        every_h=168.0,
        soonest_h=84.0,
        new_answers=20,
        ready_share=0.5,
    )
    assert rules.community == hashlib.sha256(GOOD.encode()).digest()


@pytest.mark.slow
def test_a_year_of_the_template_stays_under_its_cap() -> None:
    rules = read(GOOD).aggregation
    most = 1 + int(366 * 24 / rules.soonest_h)  # a leap year in which every round comes as early as it may
    assert epsilon(most, rules.sampling_rate, rules.sigma, rules.delta) <= rules.epsilon_cap
    weekly = 1 + int(366 * 24 / rules.every_h)
    assert (
        epsilon(2 * weekly, rules.sampling_rate, rules.sigma, rules.delta) <= rules.epsilon_cap
    )  # and two without any


def test_another_letter_makes_another_community() -> None:
    assert read(GOOD + "# amended\n").community != read(GOOD).community


def test_a_charter_from_before_there_was_a_choice_of_layouts_counts_as_light() -> None:
    older = "\n".join(line for line in GOOD.splitlines() if not line.startswith("layout"))
    assert read(older).aggregation.layout == "light"


def test_a_layout_that_nobody_knows_is_refused() -> None:
    with pytest.raises(CoordinatorError, match="layout in the charter must be one of light, factors"):
        read(GOOD.replace('"factors"  ', '"heavy"  '))


@pytest.mark.parametrize("rule", sorted(BOUNDS))
def test_each_rule_is_needed_and_has_bounds(rule: str) -> None:
    lines = GOOD.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{rule} ")]
    for value in ("-1", "0", "1e30", '"1"', "true", "nan", "inf", "[1]"):
        with pytest.raises(CoordinatorError, match=rule):
            read("\n".join([*lines[:at], f"{rule} = {value}", *lines[at + 1 :]]))
    with pytest.raises(CoordinatorError, match=rule):
        read("\n".join(lines[:at] + lines[at + 1 :]))


def test_a_charter_from_before_there_was_a_schedule_runs_no_round_by_itself() -> None:
    older = "\n".join(line for line in GOOD.splitlines() if line.split(" ")[0] not in SCHEDULE)
    rules = read(older).aggregation
    assert (rules.every_h, rules.new_answers, rules.ready_share) == (0.0, 0, 0.0)
    assert read(GOOD).aggregation.every_h == 168.0


@pytest.mark.parametrize("rule", sorted(SCHEDULE))
def test_each_rule_of_the_schedule_has_bounds(rule: str) -> None:
    for value in ("-1", "1e30", '"1"', "true", "nan", "[1]"):
        with pytest.raises(CoordinatorError, match=rule):
            read("\n".join(f"{rule} = {value}" if line.startswith(f"{rule} ") else line for line in GOOD.splitlines()))


def test_a_rule_that_nobody_knows_is_named() -> None:
    with pytest.raises(CoordinatorError, match="mercy"):
        read(GOOD + "mercy = 1\n")


def named(name: str) -> str:
    return GOOD.replace('"commons"', json.dumps(name, ensure_ascii=False))


@given(st.text(min_size=1, max_size=20).filter(str.isprintable))
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert read(named(name)).name == name


@pytest.mark.parametrize("name", ["", "x" * 81, "ü" * 41, "two\nlines", "turned\u202eround"])
def test_a_name_that_no_card_could_bear_is_refused(name: str) -> None:
    with pytest.raises(CoordinatorError, match="name"):
        read(named(name))


@given(st.text(max_size=200))
def test_any_text_is_a_named_fault(text: str) -> None:
    with pytest.raises(CoordinatorError):
        read(text)


@pytest.mark.parametrize("text", ["[community]\nname = 'x'", "community = 1\naggregation = 2", "[aggregation]"])
def test_a_lacking_table_is_named(text: str) -> None:
    with pytest.raises(CoordinatorError, match="cannot be read"):
        read(text)
