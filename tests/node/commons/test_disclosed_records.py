"""What the ledger holds of a record that left is that record, and older entries are still read as what they are."""

from dataclasses import replace

from weal_node import keys
from weal_node.commons import disclosed_records
from weal_node.records import Disclosure
from weal_protocol import record

MADE = record.make(
    "note", b"Oaks last.", author=keys.new().agent, salt=bytes(16), written_ms=5, note=b"n" * 16, path="Oaks.md"
)
ENTRY = Disclosure(1, 0, "commons", "note", len(MADE.raw), MADE.raw)


def test_a_whole_record_is_read_back_with_every_part_named() -> None:
    assert disclosed_records.record_in(ENTRY) == MADE
    said = dict(disclosed_records.lines(MADE))
    assert (said["File's name"], said["Licence"], said["Who may read it"]) == ("Oaks.md", "CC-BY-4.0", "public")
    assert "Copied from" not in said  # nothing stands there


def test_what_is_no_whole_record_is_none() -> None:
    for other in (
        replace(ENTRY, payload=MADE.body),  # as entered by earlier releases: the text alone
        replace(ENTRY, payload=bytes(32)),  # forgotten
        replace(ENTRY, to="coordinator"),
        replace(ENTRY, payload=b"x" * len(MADE.raw)),
    ):
        assert disclosed_records.record_in(other) is None
