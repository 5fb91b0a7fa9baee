"""No default of a folder widens what a file says, however its head is written; what is not understood is named."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from support.laws import examples
from weal_node.records import Note, Visibility
from weal_node.vault import markdown
from weal_node.vault.folder import Vault
from weal_node.vault.rules import Rules

OPEN_TO_ALL = Rules({"": Visibility.PUBLIC})
BODY = "The kiln is behind the shed."

leads = st.sampled_from(
    ["", "\ufeff", "\ufeff\ufeff", "\u200b", "\u2060\ufeff", "\n", "\r\n\n", " ", "\t", "\u00a0", "\n \n\t", "\u200e\n"]
)
fences = st.sampled_from(
    ["---", "--- ", "---\t", "--- \t ", " ---", "\t---", "----", "-----", "---yaml", "--- yaml", "--- # mine", "+++", "+++ ", ";;;", "—--", "———",
     "– – –", "---\u00a0", "\u200b---", "-\u00ad--", "```\n---", "```yaml\n---", "~~~\n+++", "```yaml", "<!--", "%%", "> ---", "", "%YAML 1.2\n---",
     "{", "weal:"]
)  # fmt: skip
closings = st.sampled_from(
    ["---", "--- ", "----", "+++", "...", "```", "---\n```", "-->", "%%", "}", "", " ---", "---\n---"]
)
ends = st.sampled_from(["\n", "\r\n", "\r"])
keys = st.sampled_from(
    ["visibility", "Visibility", "VISIBILITY", "visibility ", " visibility", "\tvisibility", '"visibility"', "'Visibility'", "visibilty", "visability",
     "vissibility", "ｖｉｓｉｂｉｌｉｔｙ", "visi\u200bbility", "visibіlity", "  visibility", "- visibility", "# visibility", "weal-visibility", "**visibility**", "> visibility",
     "weal.visibility", "#+visibility", "* visibility"]
)  # fmt: skip
colons = st.sampled_from([": ", ":", " : ", ":\t", "：", " ：", "=", " = ", "::", ": \t", "﹕ ", ":  !!str "])
closed = st.sampled_from(
    ["private", "Private", "PRIVATE", '"private"', "'private'", "privat", "privte", "pirvate", "private # for us alone", "private   ", "private,",
     "private.", "[private]", "`private`", "\u200bprivate", "ｐｒｉｖａｔｅ", "privé", "privado", "community ", "Community", "hidden", "secret", "nobody", "none"]
)  # fmt: skip
others = st.lists(
    st.sampled_from(
        [
            "title: Kiln",
            "",
            "# words",
            "tags: [clay]",
            "a: {b: c}",
            "- loose",
            "aliases:\n  - Oven",
            "created = 2024",
            "x",
            "\u2028",
        ]
    ),
    max_size=2,
)
again = st.sampled_from(["", "visibility: public", "Visibility: public", "visibility: private", "visibility:"])


@st.composite
def heads(draw: st.DrawFn) -> str:
    """A file whose head says in one of many ways that it is not for everyone."""
    end = draw(ends)
    said = f"{draw(keys)}{draw(colons)}{draw(closed)}"
    lines = [draw(leads) + draw(fences), *draw(others), said, *draw(others), draw(closings), BODY, ""]
    return end.join(line.replace("\n", end) for line in lines)


@given(heads())
@settings(max_examples=examples(700), deadline=None)
@example(f"--- \nvisibility: private\n---\n{BODY}\n")
@example(f"---\rvisibility: private\r---\r{BODY}\r")
@example(f"---\nvisibility: private\n---\n```\n{BODY}\n")
@example(f"```yaml\n---\nvisibility: private\n---\n```\n{BODY}\n")
@example(f"---\nvisibility: private\nvisibility: public\n---\n{BODY}\n")
@example(f"---\nvisibility: private\nVisibility: public\n---\n{BODY}\n")
@example(f"---\nweal:\n  visibility: private\n---\n{BODY}\n")
@example(f"---\ntitle: a\u2028---\nvisibility: private\n---\n{BODY}\n")
@example(f'{{"title": "Kiln", "visibility": "private"}}\n{BODY}\n')
@example(f"---\nbase: &b {{visibility: private}}\n<<: *b\n---\n{BODY}\n")
def test_a_default_never_widens_what_a_head_says(text: str) -> None:
    note = read(text)
    assert note.visibility != Visibility.PUBLIC
    assert note.stated
    understood = note.body.lstrip("`-\r\n").startswith(BODY)  # what is left of two closings is the text's own
    assert note.warnings or understood, "what is not understood is named"
    assert BODY in note.body


@given(heads(), again, st.booleans())
@settings(max_examples=examples(400), deadline=None)
def test_nor_does_a_second_line_of_the_same_file(text: str, second: str, above: bool) -> None:
    line = second + ("\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n")
    assume(not (above and second == "visibility: public"))  # that is front matter, and says so; all below it is text
    note = read(f"---\n{line}{text}" if above else text.replace(BODY, f"{line}---\n{BODY}"))
    assert note.visibility != Visibility.PUBLIC


@given(heads(), st.sampled_from(list(Visibility)))
@settings(max_examples=examples(400), deadline=None)
def test_what_the_person_chooses_afterwards_holds_and_loses_no_word(text: str, chosen: Visibility) -> None:
    note = replace(read(text), id="1" * 32, visibility=chosen)
    written = markdown.write(note, text.encode())
    back = markdown.read(written, "clay/kiln.md")
    assert (back.visibility, back.stated, back.body) == (chosen, True, note.body)
    assert markdown.write(back, written) == written


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "A plain note.", "# Kiln\n\nWords.", "***\nName: the kiln\n", "---\ntitle: Kiln\n---\nWords", "```yaml\nservices:\n  web: x\n```\n", "{{date}}\n",
        "- milk: two\n- bread\n", "> Note: I said so\n", "The visibility: it was good.\n\nVisibility: 10 km\n", "Wind 4.\n\nVisibility: good\n", "%% a remark %%\nText",
        "<!-- remark -->\nText", "---\ncreated: 2024-01-01\n---\n\nPrivate: a word on shame\n", "Public: yes\n", "---\ndraft: false\npublish: true\n---\n", "\ufeffText", "---\ntitle: Private\naliases: [private]\n---\nA word on shame\n",
    ],
)  # fmt: skip
def test_a_file_that_says_nothing_follows_the_folder(text: str) -> None:
    note = read(text)
    assert (note.visibility, note.stated, note.warnings) == (Visibility.PUBLIC, False, ())


@pytest.mark.parametrize(
    "line",
    [
        "private: true",
        "publish: false",
        "draft: yes",
        "Published: No",
        "share: off",
        "dg-publish: false",
        "visible: false",
        "privacy: private",
        "access: Private",
        "sichtbarkeit: privat",
        "publish: private",
        "tags: private",
    ],
)
def test_words_of_other_tools_that_keep_a_note_back_are_heard(line: str) -> None:
    note = read(f"---\n{line}\n---\nWords\n")
    assert (note.visibility, note.stated) == (Visibility.PRIVATE, True)
    assert line.lower() in note.warnings[0].lower()


@pytest.mark.parametrize(
    "line",
    [
        "Visibility: public",
        "visibility: Public",
        "VISIBILITY: COMMUNITY",
        "visibility:",
        "visibility: ''",
        "visibility: [public]",
    ],
)
def test_only_the_exact_words_open_a_note_and_any_other_is_named(line: str) -> None:
    note = read(f"---\n{line}\n---\nWords\n")
    assert (note.visibility, note.stated) == (Visibility.PRIVATE, True)
    assert "visibility" in note.warnings[0]


@pytest.mark.parametrize(
    "line",
    [
        "visibility private",
        "| visibility | private |",
        "@Visibility privat",
        "visibility - private",
        "> **visibility** `private`",
    ],
)
def test_two_words_are_enough(line: str) -> None:
    assert read(f"Words.\n\n{line}\n\nMore words.\n").visibility == Visibility.PRIVATE
    assert read(f"Words on {line} and more words.\n").visibility == Visibility.PUBLIC


def test_a_tag_that_says_private_is_a_word_on_it_too() -> None:
    assert read("Words.\n\n#clay #Private\n").visibility == Visibility.PRIVATE
    assert read("Words.\n\n#clay #private/keys `#private`\n").visibility == Visibility.PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "---\nis_private: true\n---\n",
        "---\nisPrivate: yes\n---\n",
        "---\nkiln-private: true\n---\n",
        "---\nis_public: false\n---\n",
        "---\nprivate:\n---\n",
        "---\nprivat: ja\n---\n",
        "---\naudience: only me\n---\n",
        "---\nreaders: [me]\n---\n",
        "---\nstatus:\n  - private\n---\n",
        "---\nweal: visibility private\n---\n",
        "---\nnote: 'visibility: private'\n---\n",
        "---\ntags: [clay, me/private]\n---\n",
        "---\nνіѕіbіӏіту: рrіvаtе\n---\n",
        "---\nvis\u0456bility: publ\u0456c\n---\n",
        "PRIVATE\n",
        "**Private**\n",
        "<!-- private -->\n",
        "%% private %%\n",
        "> [!private]\n",
        "1. visibility: private\n",
        "visibility:\nprivate\n",
        "Words.\n\n| visibility |\n|---|\n| private |\n",
        '<meta name="visibility" content="private">\n',
        "Words.\n\n<p>visibility: private</p>\n",
    ],
)
def test_a_word_under_any_key_in_a_list_alone_or_in_look_alikes_is_heard(text: str) -> None:
    note = read(f"{text}\nWords.\n")
    assert (note.visibility, note.stated) == (Visibility.PRIVATE, True)
    assert note.warnings


@pytest.mark.parametrize(
    "text",
    [
        "---\ngenre: pirate\n---\n",
        "---\ntags: [privacy, primates]\n---\n",
        "---\naudience: everybody\nauthor: me\n---\n",
        "---\nviability: low\n---\n",
        "# Private\n\nOn shame.\n",
        "Divisibility: none\n",
        "Private schools are dear.\n",
        "Приватная заметка\n\nСлова: да\n",
        "<p>The visibility was good</p>\n",
    ],
)
def test_words_that_are_only_near_are_no_word_on_it(text: str) -> None:
    note = read(f"{text}\nWords.\n")
    assert (note.visibility, note.stated, note.warnings) == (Visibility.PUBLIC, False, ())


def test_blanks_behind_the_lines_and_every_line_end_are_front_matter() -> None:
    for end in ("\n", "\r\n", "\r"):
        for fence in ("---", "--- ", "---\t "):
            raw = end.join(
                [f"\ufeff{fence}", "visibility: community", "needs:", "  - clay", fence, "Words", ""]
            ).encode()
            note = markdown.read(raw, "n.md")
            assert (note.visibility, note.needs, note.warnings) == (Visibility.COMMUNITY, ("clay",), ())
            mine = replace(note, id="2" * 32, needs=("clay", "sand"))
            written = markdown.write(mine, raw)
            assert written.startswith(f"\ufeff{fence}{end}visibility: community{end}".encode())
            assert markdown.read(written, "n.md") == mine
            assert end == "\n" or b"\n" not in written.replace(end.encode(), b"")


@given(
    st.dictionaries(
        st.sampled_from(["title", "x", "Visibility", "y z"]), st.text("ab: {}#\u2028'\"", max_size=6), max_size=4
    )
)
@settings(max_examples=examples(200), deadline=None)
def test_a_head_in_one_line_can_be_changed_too(known: dict[str, str]) -> None:
    raw = f"---\n{json.dumps(known)}\n---\nWords\n".encode()
    note = replace(markdown.read(raw, "n.md"), id="3" * 32, visibility=Visibility.COMMUNITY)
    back = markdown.read(markdown.write(note, raw), "n.md")
    assert (back.visibility, back.body, back.broken) == (Visibility.COMMUNITY, note.body, False)


@pytest.mark.slow
def test_a_head_of_any_length_costs_in_proportion() -> None:
    for piece in (
        "-",
        "---\n",
        "a-",
        "visibility",
        ": ",
        "\ufeff",
        "=\n",
        ".:-",
        "\u200b---\n",
        "- -",
        "{",
        "visib: x\n",
    ):
        markdown.read(
            (piece * 200_000).encode()[: markdown.MAX_NOTE_BYTES - 4].decode(errors="ignore").encode(), "n.md"
        )


def test_a_vault_keeps_such_files_here_whatever_its_folders_say(tmp_path: Path) -> None:
    (tmp_path / "clay").mkdir()
    for name, head in (
        ("a", "--- \nvisibility: private\n---\n"),
        ("b", "+++\nvisibility = 'private'\n+++\n"),
        ("c", "\n---\nvisibility: privat\n---\n"),
    ):
        (tmp_path / "clay" / f"{name}.md").write_text(f"{head}{BODY}\n")
    vault = Vault(tmp_path, Rules({"": Visibility.PUBLIC, "clay": Visibility.PUBLIC}))
    assert [one.note.visibility for one in vault.versions()] == [Visibility.PRIVATE] * 3
    assert not any(vault.rules.follows(one.note, "clay") for one in vault.versions())


def read(text: str) -> Note:
    raw = text.encode()
    return OPEN_TO_ALL.over(markdown.read(raw, "clay/kiln.md"), hashlib.sha256(raw).hexdigest())
