"""Filters in memory let the same passages through as the database would say, whatever came and went meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weal_node.search.roster import Roster
from weal_node.store import passages
from weal_node.store.database import Database
from weal_node.store.passages import Filter, IndexedDocument

AUTHORS, KINDS, VISIBLE, TAGS = (
    ("", "a" * 64, "b" * 64),
    ("note", "item"),
    ("public", "private"),
    ("home", "home/x", "y"),
)
FILTERS = st.builds(
    Filter,
    st.none() | st.lists(st.sampled_from((*AUTHORS, "c" * 64)), max_size=2).map(tuple),
    st.sampled_from(("", "nothing", *TAGS)),
    st.sampled_from(("", *VISIBLE)),
    st.booleans(),
    st.sampled_from(("", *KINDS)),
    st.none() | st.integers(0, 6),
    st.none() | st.integers(0, 6),
)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(AUTHORS), st.sampled_from(KINDS), st.sampled_from(VISIBLE),
        st.lists(st.sampled_from(TAGS), max_size=2).map(tuple), st.integers(0, 6), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "node.db")
    yield made
    made.close()


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, FILTERS)
def test_the_roster_says_what_the_database_says(
    database: Database, steps: list[tuple[int, str, str, str, tuple[str, ...], int, bool]], wanted: Filter
) -> None:
    roster = Roster()
    for note, author, kind, visibility, tags, at, goes in steps:
        of = IndexedDocument(author, str(note), "v", kind, "n.md", "title", tags, visibility, at)

        def act(connection: object, of: IndexedDocument = of, goes: bool = goes) -> None:
            if goes:
                passages.remove(connection, of.author, of.note)  # type: ignore[arg-type]
            else:
                passages.replace(connection, of, [("text", "")] * 2)  # type: ignore[arg-type]

        database.write_now(act)
        told, through = database.read_now(
            lambda connection: (passages.allowed(connection, wanted, 1_000), roster.through(connection, wanted))
        )
        assert sorted(told) == np.flatnonzero(through).tolist()
