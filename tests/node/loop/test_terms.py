"""What a person reads before they choose: every tier once, with the caps of their own settings."""

import pytest

from weal_node.config import Settings
from weal_node.loop import terms
from weal_node.reward import local, private_head
from weal_protocol.cards import TIERS
from weal_protocol.errors import MalformedError


def test_every_tier_is_offered_once_with_its_price() -> None:
    offers = terms.offers(Settings(epsilon_cap=3.5, round_cap=7, label_epsilon_cap=6.25, local_epsilon_cap=8.0))
    assert tuple(offer.tier for offer in offers) == TIERS
    said = {offer.tier: f"{offer.gives} {offer.hides} {offer.costs}" for offer in offers}
    assert "3.5" in said["light"]
    assert "at most 7" in said["factors"]
    assert "6.25" in said["label-private"]
    assert "2 rounds in all" in said["local"]
    assert all(all(part for part in (offer.title, offer.gives, offer.hides, offer.costs)) for offer in offers)


def test_rounds_with_noise_of_ones_own_are_as_many_as_the_cap_allows() -> None:
    for cap in (3.0, 5.0, 30.0):
        offer = terms.offers(Settings(local_epsilon_cap=cap))[-1]
        rounds = int(offer.hides.split(" round")[0].rsplit(" ", 1)[-1])
        assert local.epsilon(rounds) <= cap < local.epsilon(rounds + 1)


def test_the_price_of_a_training_is_no_more_than_what_is_charged_for_it() -> None:
    charged = private_head.epsilon([(private_head.SIGMA, private_head.SAMPLED, private_head.STEPS)])
    assert 0.5 * charged < terms._training() <= charged


def test_what_is_no_invite_is_refused() -> None:
    with pytest.raises(MalformedError):
        terms.will_leave("hello", Settings())
