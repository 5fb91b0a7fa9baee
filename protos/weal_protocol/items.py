"""The name of an item: answers of different people meet on it."""

import hashlib

from weal_protocol.letters import normal

MAX_ITEM_CHARACTERS = 2_000


def normalised(text: str) -> str:
    """Return the text as it is named by: NFKC, case folded, runs of white space as one blank."""
    return " ".join(normal("NFKC", text).casefold().split())


def item_id(text: str) -> str:
    """Return the item's id: hex SHA-256 of the normalised text, 64 characters."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()
