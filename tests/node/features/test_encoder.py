"""The encoder: pinned weights, the same vectors for ever, one meaning in several languages, long texts read to their end."""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weal_node.errors import NodeError
from weal_node.features import encoder
from weal_node.features.encoder import WINDOW, Encoder, passages
from weal_node.features.fit_projection import LANDMARKS, LANDMARKS_FILE, spread_out, statements
from weal_node.features.projection import FILE, fit, shipped
from weal_node.features.weights import WIDTH
from weal_node.reward import residual

SLOW = pytest.mark.slow
TEXTS = [
    "Public libraries should stay open late.",
    "I need someone to mend my bicycle.",
    "",
    "🌳 arbres",
    "word " * 400,
]
# English, German, Spanish, French, Chinese: translated for this test.
SAID = [
    ("My bicycle has a flat tyre", "Mein Fahrrad hat einen Platten", "Mi bicicleta tiene una rueda pinchada", "Mon vélo a un pneu crevé", "我的自行车爆胎了"),
    ("I can look after your cat", "Ich kann auf deine Katze aufpassen", "Puedo cuidar de tu gato", "Je peux garder ton chat", "我可以照顾你的猫"),
    ("Rents rise faster than wages", "Die Mieten steigen schneller als die Löhne", "Los alquileres suben más rápido que los sueldos", "Les loyers augmentent plus vite que les salaires", "房租涨得比工资快"),
    ("The river must be clean", "Der Fluss muss sauber sein", "El río debe estar limpio", "La rivière doit être propre", "河水必须干净"),
    ("I play the violin", "Ich spiele Geige", "Toco el violín", "Je joue du violon", "我拉小提琴"),
    ("There are too few doctors", "Es gibt zu wenige Ärzte", "Hay muy pocos médicos", "Il y a trop peu de médecins", "医生太少了"),
    ("Police should wear cameras", "Die Polizei sollte Kameras tragen", "La policía debería llevar cámaras", "La police devrait porter des caméras", "警察应该佩戴摄像头"),
    ("I sell honey", "Ich verkaufe Honig", "Vendo miel", "Je vends du miel", "我卖蜂蜜"),
    ("Meetings should end on time", "Sitzungen sollten pünktlich enden", "Las reuniones deberían terminar a tiempo", "Les réunions devraient finir à l'heure", "会议应该按时结束"),
    ("I get up early", "Ich stehe früh auf", "Me levanto temprano", "Je me lève tôt", "我起得早"),
]  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> Encoder:
    return Encoder.load()


@pytest.mark.slow
def test_vectors_have_unit_length_and_do_not_depend_on_their_neighbours(loaded: Encoder) -> None:
    together = loaded.embed(TEXTS)
    alone = np.vstack([loaded.embed([text]) for text in TEXTS])
    assert together.shape == (len(TEXTS), WIDTH)
    assert together.dtype == np.float32
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    assert np.abs(together - alone).max() < 1e-5
    assert loaded.embed([]).shape == (0, WIDTH)


@pytest.mark.slow
def test_a_translation_lies_nearer_than_anything_else_that_was_said(loaded: Encoder) -> None:
    english, *others = (loaded.embed(language) for language in zip(*SAID, strict=True))
    for other in others:
        found = (other @ english.T).argmax(axis=1) == np.arange(len(SAID))
        assert found.mean() >= 0.9


def test_known_vectors_stay(loaded: Encoder) -> None:
    """First numbers of three vectors, as computed when the encoder was chosen; the last of them of a text read in passages."""
    embedded = loaded.embed(["A town should decide its own speed limits.", "邻居们互相修理东西", "word " * 400])[:, :3]
    assert np.abs(embedded - KNOWN).max() < 1e-5


@pytest.mark.parametrize("pin", ["ENCODER_SHA256", "TOKENIZER_SHA256"])
def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, pin: str) -> None:
    monkeypatch.setattr(encoder, pin, "0" * 64)
    with pytest.raises(NodeError, match="not the pinned ones"):
        Encoder.load()


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NodeError, match="not installed"):
        encoder.find_weights()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.integers(0, 60))
def test_passages_together_are_the_text_and_none_is_long(piece: str, times: int) -> None:
    text = piece * times
    parts = passages(text)
    assert "".join(parts) == text
    assert all(len(part) <= WINDOW * 1.25 for part in parts)
    assert len(parts) == max(1, -(-len(text) // WINDOW))
    assert all(parts) or parts == ("",)


def test_passages_end_with_sentences_where_there_are_any() -> None:
    for sentence in ("One two three four. ", "一二三四五六七。"):
        assert all(part.rstrip().endswith(sentence.strip()[-1]) for part in passages(sentence * 60))
    assert all(part.endswith(" ") for part in passages("word " * 200))


@pytest.mark.slow
@given(st.integers(1, 60), st.sampled_from(SAID), st.sampled_from(SAID))
@settings(deadline=None)
def test_what_stands_at_the_end_of_a_long_text_changes_its_embedding(
    loaded: Encoder, length: int, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    long = "The weather was as it often is, and we talked about it. " * length
    one, other = loaded.embed([f"{long}{first[0]}.", f"{long}{second[0]}."])
    assert (one @ other < 1 - 1e-5) == (first != second)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
@settings(deadline=None)
def test_any_text_has_a_vector(loaded: Encoder, text: str) -> None:
    (vector,) = loaded.embed([text])
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-5


@SLOW
def test_the_shipped_projection_and_landmarks_are_what_their_script_makes(loaded: Encoder) -> None:
    vectors = loaded.embed(statements())
    fresh = fit(vectors)
    assert np.abs(fresh["directions"] - shipped().directions).max() < 1e-3
    assert np.abs(fresh["centre"] - shipped().centre).max() < 1e-6
    raw = (Path(encoder.__file__).parent / FILE).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == shipped().digest
    assert (Path(encoder.__file__).parent / LANDMARKS_FILE).is_file()
    chosen = residual.of_length_one(spread_out(vectors, LANDMARKS) - shipped().centre)
    assert np.abs(chosen - residual.shipped().directions).max() < 1e-4


KNOWN = np.array(
    [
        [-0.0710726, -0.0285644, 0.0740704],
        [0.0297344, 0.0496249, 0.0493640],
        [-0.0159708, 0.0361801, 0.0643490],
    ]
)
