"""When a note from elsewhere was last changed, as its own front matter says; and what names bytes for good. Pure."""

import hashlib

from weal_node.errors import VaultError
from weal_node.vault import markdown
from weal_node.vault.talk import when_ms

# As other editors and blogs write them.
CHANGED = (
    "updated",
    "modified",
    "lastmod",
    "last_modified",
    "last-modified",
    "updated_at",
    "date modified",
    "date_modified",
)
MADE = ("date", "created", "created_at", "date created", "date_created")
_KEYS = (*CHANGED, *MADE)  # what was changed last stands before what was made first


def written_in(raw: bytes, path: str) -> int:
    """Return the date in a file's front matter, Unix time in ms; 0 where none is."""
    if not raw.lstrip(b"\xef\xbb\xbf").startswith(b"---"):
        return 0
    try:
        known = {key.lower(): value for key, value in markdown.apart(raw.decode(), path).known.items()}
    except (VaultError, UnicodeDecodeError):
        return 0
    return when_ms(*map(known.get, _KEYS))


def digest(content: bytes) -> str:
    """Return the SHA-256 of bytes, hex."""
    return hashlib.sha256(content).hexdigest()
