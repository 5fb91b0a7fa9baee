"""The encoder: pinned weights, the library's numbers, the same vectors for ever."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from weal_node.errors import NodeError
from weal_node.features import encoder
from weal_node.features.encoder import Encoder, find_weights
from weal_node.features.fit_projection import statements
from weal_node.features.projection import FILE, fit, shipped

pytestmark = pytest.mark.slow
TEXTS = [
    "Public libraries should stay open late.",
    "I need someone to mend my bicycle.",
    "",
    "🌳 arbres",
    "word " * 400,
]


@pytest.fixture(scope="module")
def loaded() -> Encoder:
    return Encoder.load()


def test_vectors_have_unit_length_and_do_not_depend_on_their_neighbours(loaded: Encoder) -> None:
    together = loaded.embed(TEXTS)
    alone = np.vstack([loaded.embed([text]) for text in TEXTS])
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    assert np.abs(together - alone).max() < 1e-5


@pytest.mark.filterwarnings("ignore")  # the library's own, about itself
def test_the_library_computes_the_same(loaded: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(find_weights()), device="cpu").encode(TEXTS[:4], normalize_embeddings=True)
    assert np.abs(loaded.embed(TEXTS[:4]) - theirs).max() < 1e-5


def test_known_vectors_stay(loaded: Encoder) -> None:
    """First numbers of two vectors, as computed when the encoder was written."""
    embedded = loaded.embed(["A town should decide its own speed limits.", "hello"])[:, :3]
    assert np.abs(embedded - KNOWN).max() < 1e-5


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "ENCODER_SHA256", "0" * 64)
    with pytest.raises(NodeError, match="not the pinned ones"):
        Encoder.load()


def test_the_shipped_projection_is_what_its_script_makes(loaded: Encoder) -> None:
    fresh = fit(loaded.embed(statements()))
    assert np.abs(fresh["directions"] - shipped().directions).max() < 1e-3
    assert np.abs(fresh["centre"] - shipped().centre).max() < 1e-6
    raw = (Path(encoder.__file__).parent / FILE).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == shipped().digest


KNOWN = np.array([[0.0417592, 0.0412698, -0.039143], [-0.0627717, 0.0549588, 0.0521648]])
