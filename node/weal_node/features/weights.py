"""Which encoder a community shares: a head means nothing over another one's embeddings."""

from weal_protocol.representation import ENCODER_SHA256

__all__ = ["ENCODER_SHA256", "TOKENIZER_SHA256", "WIDTH"]

TOKENIZER_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"  # of sp.model
WIDTH = 512  # numbers in an embedding
