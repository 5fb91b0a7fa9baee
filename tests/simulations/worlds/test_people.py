"""Made-up people: decided by the seed, and with tastes of their own."""

import numpy as np

from weal_simulations.worlds.people import Population, make

STATEMENTS = [f"Statement {number}" for number in range(40)]
COMPONENTS = np.random.default_rng(1).normal(size=(40, 24)) * 0.5
POPULATION = Population(people=200, share=0.5)


def test_the_seed_decides_all() -> None:
    first, again, other = (make(STATEMENTS, COMPONENTS, seed, POPULATION) for seed in (1, 1, 2))
    assert first == again
    assert first.people != other.people


def test_people_answer_their_share_and_disagree() -> None:
    found = make(STATEMENTS, COMPONENTS, 5, POPULATION)
    answers = [vote for votes in found.people for vote in votes.values()]
    assert 0.45 < len(answers) / (200 * 40) < 0.55
    assert 0.5 < sum(vote > 0 for vote in answers) / len(answers) < 0.85
