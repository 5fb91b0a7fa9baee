"""What the privacy ledger holds of a record that left: its exact bytes, and how a person reads them."""

from collections.abc import Sequence

from weal_node.records import Disclosure
from weal_protocol import record
from weal_protocol.errors import WealError
from weal_protocol.record import Record


def record_in(entry: Disclosure) -> Record | None:
    """Return the record that an entry holds; None for one of something else, of before whole records were entered (their
    text alone was), and of one that was forgotten."""
    if entry.to != "commons" or len(entry.payload) != entry.size:
        return None
    try:
        return record.read(entry.payload)
    except WealError:
        return None


def lines(entered: Record) -> Sequence[tuple[str, str]]:
    """Return every part of a record beside its body, named for a person: what is signed, and what goes with the body."""
    parts = (
        ("Kind", entered.kind),
        ("Author's key", entered.author.hex()),
        ("Note", entered.note.hex()),
        ("Follows", " ".join(entered.parents)),
        ("Copied from", entered.forked_from),
        ("Who may read it", entered.visibility),
        ("Licence", entered.licence),
        ("File's name", entered.path),
        ("Record", entered.id),
    )
    return tuple((name, text) for name, text in parts if text)
