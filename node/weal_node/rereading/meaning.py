"""Vectors of acts and of the beginnings of notes, computed once and kept beside the others."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from weal_node.errors import OWN_FAULTS
from weal_node.features.weights import ENCODER_SHA256
from weal_node.store import embeddings
from weal_node.store.database import Database
from weal_node.worker import TorchWorker

AT_ONCE = 8  # texts given to the encoder at a time: a page that comes meanwhile waits for these at most

Vectors = dict[str, npt.NDArray[np.float32]]  # unit vectors by text


def digest(text: str) -> str:
    """Return the name under which a text's vector is kept."""
    return hashlib.sha256(b"weal/look/" + text.encode(errors="replace")).hexdigest()


async def known(database: Database, texts: Sequence[str]) -> Vectors:
    """Return the vectors of those of these texts that were computed before."""
    names = {digest(text): text for text in texts}
    stored = await database.read(partial(embeddings.find, encoder=ENCODER_SHA256, texts=list(names)))
    return {names[name]: vector for name, vector in stored.items()}


async def compute(database: Database, worker: TorchWorker, texts: Sequence[str]) -> Vectors:
    """Return the vectors of some texts, kept from now on; of one that cannot be read there is none."""
    try:
        made: Mapping[str, npt.NDArray[np.float32]] = dict(zip(texts, await worker.embed(texts), strict=True))
    except OWN_FAULTS:
        made = await _alone(worker, texts)
    rows = [(digest(text), vector) for text, vector in made.items()]
    await database.write_soon(lambda connection: embeddings.add(connection, ENCODER_SHA256, rows))
    await asyncio.sleep(0)
    return dict(made)


async def _alone(worker: TorchWorker, texts: Sequence[str]) -> Vectors:
    made: Vectors = {}
    for text in texts:
        try:
            (made[text],) = await worker.embed([text])
        except OWN_FAULTS:
            continue
    return made
