"""What a charter says of the cost of rounds, and an invite repeats: read whole, or refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol.accounting import LEAST_SIGMA, MOST_SIGMA
from weal_protocol.errors import MalformedError
from weal_protocol.terms import Terms

GOOD = Terms(0.2, 1.5, 1e-5, 8.0, 168.0)
CHARTER = "[aggregation]\nsampling_rate = 0.2\nsigma = 1.5\ndelta = 1e-5\nepsilon_cap = 8\nevery_h = 168.0\n"

positive = st.floats(1e-12, 1.0)


@given(positive, st.floats(LEAST_SIGMA, MOST_SIGMA), st.floats(1e-12, 0.99), st.floats(1e-3, 1e3), st.floats(0, 8_784))
def test_what_was_said_is_read_to_the_last_bit(q: float, sigma: float, delta: float, cap: float, hours: float) -> None:
    said = Terms(q, sigma, delta, cap, hours)
    assert Terms.read(said.text) == said


def test_a_charter_says_it() -> None:
    assert Terms.of_charter(CHARTER) == GOOD
    assert Terms.of_charter(CHARTER.replace("every_h = 168.0\n", "")).every_h == 0.0
    assert (GOOD.rounds_a_year, Terms(0.2, 1.5, 1e-5, 8.0, 0.0).rounds_a_year) == (53, 0)


@pytest.mark.parametrize(
    "text", ["", "1 2 3", "0.2 1.5 1e-05 8.0 168.0 1", "a b c d e", "0.2 1.5 1e-05 8.0", "0.2 1.5 1e-05 nan 1", "0.2 1.5 1e-05 8 -1", "0.2 inf 1e-05 8 1", "0.2 0.1 1e-05 8 1", "0 1 1e-05 8 1", "0.2 1.5 1 8 1", "0.2 1.5 1e-05 8 1e9"]
)  # fmt: skip
def test_what_makes_no_sense_is_a_named_fault(text: str) -> None:
    with pytest.raises(MalformedError, match="rounds"):
        Terms.read(text)


@given(st.text(max_size=60))
def test_any_text_is_a_named_fault(text: str) -> None:
    for read in (Terms.read, Terms.of_charter):
        with pytest.raises(MalformedError):
            read(text)


@pytest.mark.parametrize("value", ["true", "'8'", "[8]", "nan", "0", "1e400", "1" + "0" * 400])
def test_an_odd_cap_in_a_charter_is_a_named_fault(value: str) -> None:
    with pytest.raises(MalformedError):
        Terms.of_charter(CHARTER.replace("epsilon_cap = 8", f"epsilon_cap = {value}"))
