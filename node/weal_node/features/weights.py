"""Which encoder a community shares: a head means nothing over another one's embeddings."""

from weal_protocol.representation import ENCODER_SHA256

__all__ = ["ENCODER_SHA256", "TOKENIZER_SHA256", "WIDTH"]

TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"  # of tokenizer.json
WIDTH = 384  # numbers in an embedding
