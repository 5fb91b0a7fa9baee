"""The chain of charters, by number: the text of the first, which names the community, and every later one as signed. Rows are only ever added,
but that the first can be written anew while nobody has joined."""

from sqlalchemy import Connection, text

SCHEMA = """
CREATE TABLE charters (number INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL, content BLOB NOT NULL);
"""


def put(connection: Connection, number: int, at_ms: int, content: bytes) -> None:
    """Keep one. content: the text of number 0 in UTF-8, the serialised SignedCharter of any other."""
    if number == 0:
        connection.execute(text("DELETE FROM charters WHERE number = 0"))
    connection.execute(
        text("INSERT INTO charters (number, at_ms, content) VALUES (:number, :at, :content)"),
        {"number": number, "at": at_ms, "content": content},
    )


def every(connection: Connection) -> tuple[tuple[int, bytes], ...]:
    """Return (Unix time in ms, content) of each, the first first; nothing in a home of before that was not started since."""
    rows = connection.execute(text("SELECT at_ms, content FROM charters ORDER BY number"))
    return tuple((int(at_ms), bytes(content)) for at_ms, content in rows)
