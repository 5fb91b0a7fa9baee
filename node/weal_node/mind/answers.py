"""Remember: a gesture of the person is on disk before anything else happens."""

import hashlib
import secrets
import sqlite3

from weal_node.records import Answer
from weal_node.store import announcements, answers, edits, gate
from weal_node.store.database import Database


async def remember(database: Database, label: Answer) -> None:
    """Store the label durably; when this returns, a kill -9 cannot lose it. The same id again changes nothing."""
    await database.write(lambda connection: answers.add(connection, label))


def drop_label(connection: sqlite3.Connection, label: str, now_ms: int) -> bool:
    """Drop one answer, what was guessed before it and what was said after it; only a commitment stays, a hash with a salt that is thrown away: that
    something was forgotten, not what. False where there is no such answer."""
    announcements.forget(connection, label)
    commitment = hashlib.sha256(secrets.token_bytes(32) + label.encode()).hexdigest()
    about = answers.item_of(connection, label)
    return (
        answers.remove(connection, label)
        and gate.forget(connection, label)
        and (answers.answered(connection, about) or gate.unsay(connection, about))
        and edits.commit(connection, commitment, now_ms)
    )
