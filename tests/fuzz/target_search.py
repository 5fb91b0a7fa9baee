"""What is asked of the search: the query, and the expression that SQLite is given."""

import sqlite3
from datetime import UTC

from weal_node.text import passages, query, snippet
from weal_protocol.errors import WealError

SEEDS = (
    b'piano "low pressure" tag:music is:public since:2026-01-01',
    b'" OR NEAR(a b) ^c* -d',
    "straße é ＡＢ".encode(),
)
_INDEX = sqlite3.connect(":memory:")
_INDEX.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61 remove_diacritics 2')")


def fuzz_one(data: bytes) -> None:
    text = data.decode(errors="replace")
    for piece in passages.split(text):
        snippet.snippet(piece, ("a", "b")), snippet.place(piece, ("a",))
    try:
        asked = query.parse(text, UTC)
    except WealError:
        return
    snippet.snippet(text, asked.terms)
    if asked.terms:
        _INDEX.execute(
            "SELECT rowid FROM words WHERE words MATCH ?", (query.expression(asked.terms, "AND"),)
        ).fetchall()
