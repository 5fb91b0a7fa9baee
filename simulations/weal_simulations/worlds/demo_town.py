"""A town of made-up people, for a demonstration without data: the project's own statements, and votes on them."""

from weal_node.features.encoder import Encoder
from weal_node.features.fit_projection import statements
from weal_node.features.projection import shipped
from weal_simulations.worlds.opinions import Opinions
from weal_simulations.worlds.people import Population, make

STATEMENTS = 120
PEOPLE = Population(people=360, share=0.75)


def opinions(seed: int) -> Opinions:
    """Return made-up people's votes on some of the public statements that come with a node."""
    chosen = statements()[:: max(1, len(statements()) // STATEMENTS)][:STATEMENTS]
    return make(chosen, shipped().apply(Encoder.load().embed(chosen)), seed, PEOPLE)
