"""The private reward model: pure functions of the label log, the prior and the encoder's version."""
