"""Embeddings of texts: each text goes through the encoder once, whoever asks for it and however often."""

from pathlib import Path

import pytest

from support.minds import Embedder
from weal_node.features.weights import WIDTH
from weal_node.mind import text_vectors
from weal_node.mind.text_vectors import TextVectors
from weal_node.records import Item
from weal_node.store.database import Database


async def test_a_text_is_embedded_once_and_keeps_its_place(tmp_path: Path) -> None:
    database, encoder = Database(tmp_path / "node.db"), Embedder()
    vectors = TextVectors(database, encoder)
    first = await vectors.of(["oaks", "elms", "oaks"])
    again = await TextVectors(database, encoder).of(["limes", "elms"])
    assert encoder.batches == [["oaks", "elms"], ["limes"]]
    assert first.shape == (3, WIDTH)
    assert (first[0] == first[2]).all()
    assert (first[1] == again[1]).all()
    assert (await vectors.of([])).shape == (0, WIDTH)
    database.close()


async def test_many_items_are_embedded_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_vectors, "CHUNK", 2)
    database, encoder = Database(tmp_path / "node.db"), Embedder()
    items = [Item(text, text) for text in ("oaks", "elms", "limes")]
    vectors = await TextVectors(database, encoder).of_items(items)
    assert encoder.batches == [["oaks", "elms"], ["limes"]]
    assert (vectors == await Embedder().embed(["oaks", "elms", "limes"])).all()
    database.close()
