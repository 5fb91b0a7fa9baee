"""Private aggregation: a guarded Flower SuperLink, our strategy, the ledger's rounds, the release."""
