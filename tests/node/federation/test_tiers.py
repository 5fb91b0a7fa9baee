"""What a person reads before they choose: every tier once, with the caps of their own settings."""

from dataclasses import replace

import pytest

from weal_node.config import Settings
from weal_node.federation import tiers
from weal_node.reward import local, private_head
from weal_protocol.accounting import epsilon
from weal_protocol.cards import TIERS
from weal_protocol.errors import MalformedError
from weal_protocol.invite import Invite
from weal_protocol.terms import Terms


def test_every_tier_is_offered_once_with_its_price() -> None:
    offers = tiers.offers(Settings(epsilon_cap=3.5, round_cap=7, label_epsilon_cap=6.25, local_epsilon_cap=8.0))
    assert tuple(offer.tier for offer in offers) == TIERS
    said = {offer.tier: f"{offer.gives} {offer.hides} {offer.costs}" for offer in offers}
    assert "3.5" in said["light"]
    assert "at most 7" in said["factors"]
    assert "6.25" in said["label-private"]
    assert "2 rounds in all" in said["local"]
    assert all(all(part for part in (offer.title, offer.gives, offer.hides, offer.costs)) for offer in offers)


def test_rounds_with_noise_of_ones_own_are_as_many_as_the_cap_allows() -> None:
    for cap in (3.0, 5.0, 30.0):
        offer = tiers.offers(Settings(local_epsilon_cap=cap))[-1]
        rounds = int(offer.hides.split(" round")[0].rsplit(" ", 1)[-1])
        assert local.epsilon(rounds) <= cap < local.epsilon(rounds + 1)


@pytest.mark.parametrize("cap", [1.0, 5.0, 8.0, 9.0])
def test_the_price_of_a_training_is_what_is_charged_for_it_and_so_many_fit(cap: float) -> None:
    said = next(one.hides for one in tiers.offers(Settings(label_epsilon_cap=cap)) if one.tier == "label-private")
    costs = [private_head.epsilon([private_head.COST] * count) for count in range(1, 6)]
    fit = sum(cost <= cap for cost in costs)
    assert f"{costs[0]:.1f}" in said
    assert {0: "none fits", 1: "one fits"}.get(fit, f"{fit} fit under the limit") in said


@pytest.mark.slow
def test_what_a_community_charges_is_said_in_the_tiers_that_it_charges() -> None:
    def said(of: Terms | None, **settings: float) -> list[str]:
        found = tiers.offers(Settings(**settings), rounds_of=of)  # type: ignore[arg-type]  # of the fields' own types
        return [one.hides for one in found if one.tier in ("light", "factors")]

    weekly = Terms(0.25, 2.0, 1e-5, 8.0, 168.0)
    one, year = (epsilon(rounds, 0.25, 2.0, 1e-5) for rounds in (1, 53))
    for words in said(weekly):
        assert "a chance of 25%, adds noise of 2 times" in words
        assert "beyond epsilon 8" in words
        assert f"One round costs {one:.2f}, the 53 that it schedules for a year {year:.2f} in all" in words
    assert "would pass that, so they end before" in said(Terms(1.0, 1.0, 1e-5, 8.0, 1.0))[0]
    assert "ten " in said(Terms(0.25, 2.0, 1e-5, 8.0, 0.0))[0]
    assert "Your part shows it after joining" in said(None)[0]
    assert "refuses the community's rounds: their delta of 0.001" in said(Terms(0.25, 2.0, 1e-3, 8.0, 0.0))[0]


def test_an_invite_says_what_rounds_cost() -> None:
    asked = Terms(0.2, 1.5, 1e-5, 8.0, 168.0)
    given = Invite("commons", "127.0.0.1:8640", "127.0.0.1:8641", "ab" * 32, "cd" * 32, "code")
    assert tiers.rounds_of(replace(given, rounds=asked.text).text) == asked
    assert tiers.rounds_of(given.text) is None


def test_what_is_no_invite_is_refused() -> None:
    with pytest.raises(MalformedError):
        tiers.will_leave("hello", Settings())
