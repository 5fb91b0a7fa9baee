"""The private reward model: pure functions of the log of answers, the prior and the encoder's version."""
