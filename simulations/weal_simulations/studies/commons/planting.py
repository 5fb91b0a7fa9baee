"""Planting: one person's node with questions, answers, lookalikes and wishes in it, by hand and by chance."""

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from weal_node.features.weights import WIDTH
from weal_node.mind.mind import Mind
from weal_node.proposals.matches import NeedsAndOffers
from weal_node.search import indexing
from weal_node.search.service import Search
from weal_node.store import passages
from weal_node.store.database import Database
from weal_node.store.passages import IndexedDocument
from weal_node.worker import TorchWorker
from weal_simulations.worlds import neighbourhood, planted_questions
from weal_simulations.worlds.neighbourhood import SERVICES, TOPICS, TRIOS
from weal_simulations.worlds.planted_questions import PlantedQuestion

EACH, SWAPS, TOGETHER = 5, 4, 2  # questions of each kind, wishes of this person, and goals that others' things fit
NOW = 1_800_000_000_000


class Remembering(TorchWorker):
    """The real encoder, which reads each sentence once for all people of the study."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return unit embeddings (n, WIDTH)."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
        if fresh:
            self._known |= dict(zip(fresh, await super().embed(fresh), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(len(texts), WIDTH)


@dataclass(frozen=True, slots=True)
class PlantedNode:
    """One person's node, and what was planted for them. answers: passage text to its question's number."""

    database: Database
    search: Search
    mind: Mind
    asked: tuple[PlantedQuestion, ...]
    own: tuple[NeedsAndOffers, ...]
    others: tuple[NeedsAndOffers, ...]
    right: frozenset[tuple[int, int]]  # of wishes that answer each other
    trios: tuple[tuple[str, str, str], ...]


async def settle(folder: Path, worker: TorchWorker, draw: random.Random) -> PlantedNode:
    """Plant everything for one person."""
    asked = (
        *planted_questions.paraphrased(draw, EACH),
        *planted_questions.plain(draw, EACH),
        *planted_questions.named(draw, EACH),
    )
    own, others, right = _wishes(draw)
    trios = tuple(draw.sample(TRIOS, TOGETHER))
    said = [one.answer for one in asked] + [lookalike for _, _, lookalike in TOPICS] + list(neighbourhood.FILLERS)
    said += [answer for _, answer, _ in TOPICS if answer not in said]
    said += [planted_questions.lookalike_named(draw) for _ in range(30)]
    said += [part for trio in TRIOS for part in trio[1:]]
    draw.shuffle(said)
    wanted = [one.question for one in asked] + [goal for goal, _, _ in trios]
    database = Database(folder / "node.db")
    mind = Mind(database, worker, lambda: NOW)
    await database.write(lambda connection: _keep(connection, wanted, said, (*own, *others)))
    while await indexing.by_meaning(database, worker):
        pass
    return PlantedNode(database, Search(database, worker, dict), mind, asked, own, others, right, trios)


def _keep(
    connection: sqlite3.Connection, own: Sequence[str], said: Sequence[str], wishes: Sequence[NeedsAndOffers]
) -> None:
    for number, text in enumerate(own):
        _write(connection, "", f"q{number}", text)
    for number, text in enumerate(said):
        _write(connection, f"{number % 97:064x}", f"p{number}", text)
    for wish in wishes:
        lines = [f"Needs: {line}" for line in wish.needs] + [f"Offers: {line}" for line in wish.offers]
        _write(connection, wish.author, wish.note, "\n".join(lines))


def _write(connection: sqlite3.Connection, author: str, note: str, text: str) -> None:
    of = IndexedDocument(author, note, note, "note", f"{note}.md", "", (), "public", NOW)
    passages.replace(connection, of, indexing.pieces("", text))


def _wishes(
    draw: random.Random,
) -> tuple[tuple[NeedsAndOffers, ...], tuple[NeedsAndOffers, ...], frozenset[tuple[int, int]]]:
    """Return own wishes, others', and which answer each other. Others' decoys answer one side at most, or only look so."""
    kinds = draw.sample(SERVICES, len(SERVICES))
    own, others, right = [], [], set()
    for number in range(SWAPS):
        mine, theirs = kinds[2 * number], kinds[2 * number + 1]
        own.append(NeedsAndOffers("", f"w{number}", (mine[0],), (theirs[1],)))
        others.append((NeedsAndOffers(f"{200 + number:064x}", f"v{number}", (theirs[0],), (mine[1],)), number))
        others += [(NeedsAndOffers(f"{300 + number:064x}", f"x{number}", (theirs[0],), (mine[2],)), -1)]
        others += [
            (
                NeedsAndOffers(f"{400 + number:064x}", f"y{number}", (draw.choice(kinds[2 * SWAPS :])[0],), (mine[1],)),
                -1,
            )
        ]
    for number in range(30):
        need, offer = draw.sample(kinds[2 * SWAPS :], 2)
        others.append(
            (NeedsAndOffers(f"{500 + number:064x}", f"z{number}", (need[0],), (offer[draw.choice((1, 2))],)), -1)
        )
    draw.shuffle(others)
    for place, (_, number) in enumerate(others):
        if number >= 0:
            right.add((number, place))
    return tuple(own), tuple(wish for wish, _ in others), frozenset(right)
