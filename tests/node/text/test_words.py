"""Every word of a note, as it stands there, finds it; signs alone find nothing, and say so."""

import sqlite3
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from weal_node.store import lexicon
from weal_node.store.database import Database
from weal_node.text import words
from weal_node.text.query import FILTERS, expression, parse
from weal_node.text.snippet import snippet

TEXTS = (
    "Der Straßenfußball in Gießen, STRASSE und Maße",
    "L'été à la crémerie: œuvre, cœur, naïveté",
    unicodedata.normalize("NFD", "Übergröße und Ångström, žluťoučký kůň"),
    "İstanbul'da ılık bir gün, IŞIK ve ışık",
    "Łódź Ærø Þór Đà Nẵng",
    "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ΐ",
    "Мой ёжик, мои ЁЖИКИ й",
    "كتـــاب مُحَمَّدٌ والأَسْئِلَة ٣٫١٤",
    "שָׁלוֹם עֲלֵיכֶם",
    "हिन्दी में किताबें क्यों",
    "今天我们安装了热泵Python很好3台",
    "東京タワーへ行きました。ﾊﾝｶｸ がぎぐ",
    "วันนี้ไปตลาดกับเพื่อน",
    "ខ្ញុំ\u200bស្រលាញ់\u200bភាសាខ្មែរ",
    "ພາສາລາວ ມ່ວນຫຼາຍ မြန်မာစာ བོད་ཡིག",
    "한국어 가나다 조사를",
    "C++ C# F# c++17 .NET A+ obj-c 3.11 v2.0.1-rc1 §12 №5 50% $9.99 -3°C 10:30 1/2 ½ m² H₂O x¹",
    "a@b.example snake_case camelCase HTTPServer2 B12 AT&T don't rock’n’roll mother-in-law O'Brien co\u00adoperate",
    "ﬁnance ＦＵＬＬ①② Foo™ ㎏ ❤️ 👩‍👩‍👧‍👦 👍🏽 🇩🇪 1️⃣ ☎",
    "AND OR NOT NEAR(a) \"half a quote (paren) * ^start -minus title:x {a} a:b #1 #include <stdio.h> #!/bin/sh",
    "see https://example.org/a-b_c?x=1&y=%20#frag or C:\\temp\\x.txt ~/notes",
)  # fmt: skip
LETTERS = "aZß\u00e9e\u0301İıΣς\u0439ё\u0627\u064e\u0640\u05d0\u05b7कि्漢字かが\u3099กิ์ក្한\u1112\u116111३+#.-_'\"*()&\u00ad\u200d\ufe0f👍🏽²ﬁＡ:/"


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    made = next(part for part in lexicon.SCHEMA.split(";") if "CREATE VIRTUAL TABLE passage_tokens" in part)
    connection.execute(made)
    yield connection
    connection.close()


def finds(index: sqlite3.Connection, text: str, asked: str) -> bool:
    """Whether the words asked for find a note of this text."""
    query = parse(asked)
    terms = query.loose or query.terms
    index.execute("DELETE FROM passage_tokens")
    index.execute(
        "INSERT INTO passage_tokens (rowid, title, tags, text) VALUES (1, ?, ?, ?)", lexicon.cut("", "", text)
    )
    match = expression(terms, "AND")
    return bool(index.execute("SELECT 1 FROM passage_tokens WHERE passage_tokens MATCH ?", (match,)).fetchone())


def holds(index: sqlite3.Connection, text: str) -> None:
    """Hold every word of a text against the law."""
    for piece in text.split():
        if piece.partition(":")[0].lower() in FILTERS and piece.partition(":")[2]:
            continue
        if words.words(piece):
            for form in ("NFC", "NFD"):
                assert finds(index, text, unicodedata.normalize(form, piece)), (piece, form)
        else:
            assert not parse(piece).terms
            assert parse(piece).wordless or piece == '""'


@pytest.mark.parametrize("text", TEXTS)
def test_every_word_of_a_note_finds_it(text: str, index: sqlite3.Connection) -> None:
    holds(index, text)
    for form in ("NFC", "NFD"):
        holds(index, unicodedata.normalize(form, text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("x" * 500 + " y")
@example("漢" * 500)
@example("a+" * 100)
@given(st.text(max_size=60) | st.text(LETTERS + " ", max_size=60))
def test_every_word_of_any_text_finds_it(index: sqlite3.Connection, text: str) -> None:
    holds(index, text.replace("\0", " "))


@given(st.text(max_size=60) | st.text(LETTERS + " ", max_size=60))
def test_what_is_marked_is_cut_as_what_is_found(text: str) -> None:
    plain = [one for one in words.cut(text) if not one.inside]
    assert [one.text for one in plain] == words.words(text)
    assert all(0 <= one.begin < one.end <= len(text) for one in words.cut(text))


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("Im Straßenbüro", "strassenburo", ["Straßenbüro"]),
        (unicodedata.normalize("NFD", "le résumé du"), "RÉSUMÉ", [unicodedata.normalize("NFD", "résumé")]),
        ("in C++ and C", "c++", ["C++"]),
        ("今天安装热泵了", "热泵", ["热泵"]),
        ("parseHTTPResponse here", "http", ["HTTP"]),
        ("since 3.11 or 3 and 11", "3.11", ["3.11"]),
        ("co\u00adoperate", "cooperate", ["co\u00adoperate"]),
        ("a 👩‍👩‍👧 b", "👧", ["👧"]),
    ],
)
def test_what_was_asked_for_is_marked_as_it_is_written(text: str, asked: str, marked: list[str]) -> None:
    assert [piece for piece, hit in snippet(text, parse(asked).terms) if hit] == marked


@given(
    st.lists(st.sampled_from(["garden", "Gärten", "gardening", "straße", "piano", "it", "its", "n°5"]), max_size=12),
    st.lists(st.sampled_from(["gardening", "piano it", "garten", "strasse", "its", "5"]), max_size=3),
)
def test_the_quick_way_marks_what_the_other_marks(text: list[str], terms: list[str]) -> None:
    with pytest.MonkeyPatch.context() as slowly:
        quick = snippet(" ".join(text), terms)
        slowly.setattr("weal_node.text.snippet.aligned", lambda _: "")
        assert snippet(" ".join(text), terms) == quick


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("parseHTTPResponse", "response", True),
        ("get_user_name", "user", True),
        ("C++ only", "C#", False),
        ("plain C", "C++", False),
        ("see 3.11", "3.12", False),
        ("安装热泵", "泵热", False),
        ("ISPARTA", "ısparta", True),
        ("note¹", "note", True),
    ],
)
def test_parts_find_and_others_do_not(text: str, asked: str, found: bool, index: sqlite3.Connection) -> None:
    assert finds(index, text, asked) is found


@pytest.mark.parametrize("asked", ["???", "+++", "-- --", "\u200b\u00ad", "(*)", '"..."', "“”", "/"])
def test_signs_alone_are_no_words_and_say_so(asked: str) -> None:
    query = parse(asked)
    assert query.terms == ()
    assert "Write a word" in query.wordless or not query.text


@pytest.mark.slow
def test_the_worst_text_costs_its_size() -> None:
    for worst in (
        "a" * 50_000,
        "aB" * 25_000,
        "a+" * 25_000,
        "e" + "\u0301" * 50_000,
        "漢" * 50_000,
        "+" * 50_000,
        "a1" * 25_000,
    ):
        assert words.indexed(worst) is not None
        assert words.cut(worst) is not None


@pytest.mark.slow
def test_a_home_of_before_is_searchable_while_its_words_are_cut_anew(tmp_path: object) -> None:
    """The old index and the new one are asked together; a passage stands in one of them, whatever happens meanwhile."""
    from pathlib import Path

    from weal_node.store.migrations import MIGRATIONS

    place = Path(str(tmp_path)) / "node.db"
    before = MIGRATIONS[: MIGRATIONS.index(lexicon.SCHEMA)]
    with sqlite3.connect(place) as old:
        for schema in before:
            old.executescript(schema)
        old.execute(f"PRAGMA user_version = {len(before)}")
        for number, text in enumerate(("the oak in the Straßenbüro", "an oak again", "no tree"), start=1):
            old.execute(
                "INSERT INTO passages (author, note, version, kind, path, title, tags, visibility, written_ms, text, embedding, waiting) "
                "VALUES ('', ?, 'v', 'note', 'p', 't', '', 'private', 0, ?, '', 0)",
                (str(number), text),
            )
    old.close()
    database = Database(place)
    try:

        def found(asked: str) -> list[int]:
            match = expression(parse(asked).terms, "AND")
            return sorted(database.read_now(lambda c: lexicon.words(c, match, None, 10)))

        def act(todo: int) -> None:
            def moving(c: sqlite3.Connection) -> None:
                rows = lexicon.of_before(c, todo)
                lexicon.move(c, [(one, lexicon.cut(*parts)) for one, *parts in rows])

            database.write_now(moving)

        assert found("oak") == [1, 2]
        act(2)  # the latest two
        assert found("oak") == [1, 2]
        database.write_now(lambda c: c.execute("DELETE FROM passages WHERE id = 2"))
        assert found("oak") == [1]
        act(5)
        assert found("strassenburo") == [1]
        database.write_now(lambda c: c.execute("DELETE FROM passages"))
        assert found("oak") == []
        for table in ("passage_words", "passage_tokens"):
            checked = f"INSERT INTO {table} ({table}) VALUES ('integrity-check')"
            database.write_now(_runs(checked))
    finally:
        database.close()


def _runs(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(statement)
