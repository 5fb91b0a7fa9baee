"""Questions with what answers each, drawn from what a made-up neighbourhood writes, or about something with a made-up name."""

import random
from dataclasses import dataclass

from weal_simulations.worlds.neighbourhood import CLOSINGS, OPENINGS, PLAIN, THINGS, TOPICS


@dataclass(frozen=True, slots=True)
class PlantedQuestion:
    """A question of one person, what answers it, and how: in other words ("paraphrase"), in some of the same ("plain"), or by
    a made-up name ("named")."""

    question: str
    answer: str
    kind: str


def paraphrased(draw: random.Random, count: int) -> list[PlantedQuestion]:
    """Return questions with answers that share few words with them."""
    topics = [topic for number, topic in enumerate(TOPICS) if number not in dict(PLAIN)]
    return [PlantedQuestion(question, answer, "paraphrase") for question, answer, _ in draw.sample(topics, count)]


def plain(draw: random.Random, count: int) -> list[PlantedQuestion]:
    """Return questions with answers that share words with them."""
    return [PlantedQuestion(TOPICS[number][0], answer, "plain") for number, answer in draw.sample(PLAIN, count)]


def named(draw: random.Random, count: int) -> list[PlantedQuestion]:
    """Return questions about something with a made-up name, and what is said about just that one."""
    found = []
    for number in range(count):
        thing, called = THINGS[number % len(THINGS)], name(draw)
        question = f"Who knows why the {called} {thing} stops after a minute?"
        answer = f"With a {called} it was the fuse behind the left panel, every time."
        found.append(PlantedQuestion(question, answer, "named"))
    return found


def lookalike_named(draw: random.Random) -> str:
    """Return what is said about another thing of the kind."""
    return f"Our {name(draw)} {draw.choice(THINGS)} came with the house and is older than all of us."


def name(draw: random.Random) -> str:
    """Return a made-up maker's name with a number."""
    return (
        f"{draw.choice(OPENINGS)}{draw.choice(OPENINGS)}{draw.choice(CLOSINGS)}".capitalize()
        + f" {draw.randint(10, 99)}"
    )
