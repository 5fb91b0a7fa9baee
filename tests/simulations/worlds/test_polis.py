"""Reading a Polis export, whole or damaged, and choosing who plays which part."""

from pathlib import Path

import pytest

from weal_protocol.errors import WealError
from weal_protocol.items import item_id
from weal_simulations.worlds import polis
from weal_simulations.worlds.opinions import Opinions, cast, named
from weal_simulations.worlds.polis import PolisError

COMMENTS = "timestamp,comment-id,moderated,comment-body\n1,0,1,Trees\n1,1,0,Roads\n1,2,-1,Spam\n"
VOTES = "participant,group-id,0,1,2,9\na,0,1,-1.0,1,1\nb,0,,0,,\nc,1,-1,,,\n"


def write(folder: Path, comments: str = COMMENTS, votes: str = VOTES) -> Path:
    (folder / "comments.csv").write_text(comments)
    (folder / "participants-votes.csv").write_text(votes)
    return folder


def test_votes_meet_their_statements(tmp_path: Path) -> None:
    found = polis.read(write(tmp_path))
    assert set(found.texts.values()) == {"Trees", "Roads"}
    assert found.people == ({item_id("Trees"): 1, item_id("Roads"): -1}, {item_id("Trees"): -1})


@pytest.mark.parametrize(
    ("comments", "votes", "said"),
    [
        ("a,b\n1,2\n", VOTES, "lacks the column comment-id"),
        (COMMENTS, "person,0\na,1\n", "lacks the column participant"),
        (COMMENTS, "participant,0\na,7\n", "holds '7' as a vote"),
        (COMMENTS, "participant,0\na,x\n", "holds 'x' as a vote"),
        ("comment-id,comment-body\n", VOTES, "holds no statement"),
        (COMMENTS, "participant,0\n", "holds no votes"),
    ],
)
def test_a_damaged_export_is_named_with_a_next_step(tmp_path: Path, comments: str, votes: str, said: str) -> None:
    with pytest.raises(PolisError, match=said) as fault:
        polis.read(write(tmp_path, comments, votes))
    assert fault.value.hint


def test_a_folder_that_is_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolisError, match=r"lacks comments.csv and participants-votes.csv"):
        polis.read(tmp_path)
    with pytest.raises(PolisError, match="not a folder"):
        polis.read(tmp_path / "none")


def test_nobody_plays_two_parts_and_no_vote_is_both_given_and_kept_back() -> None:
    texts = named(tuple(f"Statement {number}" for number in range(30)))
    people = tuple({item: (1 if (row + place) % 3 else -1) for place, item in enumerate(texts)} for row in range(12))
    chosen = cast(Opinions("made up", texts, people), 4, subjects=3, answers=10, fewest=20, crowd=50, fewest_in_crowd=5)
    assert len(chosen.crowd) == 9
    for subject in chosen.subjects:
        given = {item for item, _ in subject.answers}
        assert len(given) == 10
        assert not given & set(subject.held_out)
        assert len(subject.held_out) == 20
    with pytest.raises(WealError, match="are needed"):
        cast(Opinions("few", texts, people), 4, subjects=3, answers=10, fewest=31, crowd=5, fewest_in_crowd=5)


HEAD = "timestamp,comment-id,agrees,disagrees,moderated,comment-body\n"


@pytest.mark.parametrize(
    ("comments", "votes"),
    [
        ("comments.csv", "participants-votes.csv"),
        ("comments.csv", "participant-votes.csv"),
        ("2026-01-02-0304-r7abc-comments.csv", "2026-01-02-0304-r7abc-participant-votes.csv"),
        ("r7abc-comments.csv", "r7abc-participants-votes.csv"),
        ("town_comments.csv", "town_participant-votes.csv"),
    ],
)
def test_the_files_are_found_under_all_their_names(tmp_path: Path, comments: str, votes: str) -> None:
    (tmp_path / comments).write_text(COMMENTS)
    (tmp_path / votes).write_text(VOTES)
    assert len(polis.read(tmp_path).people) == 2


def test_two_conversations_in_one_folder_are_not_mixed(tmp_path: Path) -> None:
    for report in "ab":
        (tmp_path / f"{report}-comments.csv").write_text(COMMENTS)
        (tmp_path / f"{report}-participant-votes.csv").write_text(VOTES)
    with pytest.raises(PolisError, match="several exports"):
        polis.read(tmp_path)


def test_texts_without_quotation_marks_are_put_together_again(tmp_path: Path) -> None:
    comments = HEAD + '1,0,1,0,1,Benches, shade, and a "well"\n1,1,0,1,1,Plain\n1,2,1,1,1,"Kept, as it is"\n'
    found = polis.read(write(tmp_path, comments, "participant,0,1\na,1,-1\n"))
    assert set(found.texts.values()) == {'Benches, shade, and a "well"', "Plain", "Kept, as it is"}


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        ("comment-id,comment-body,moderated\n0,Benches, shade,1\n", "more columns than its head"),
        (HEAD + "1,0,1,0,1,Benches\nand shade\n", "line end without"),
    ],
)
def test_a_text_that_cannot_be_put_together_is_refused_and_never_cut(tmp_path: Path, comments: str, said: str) -> None:
    with pytest.raises(PolisError, match=said) as fault:
        polis.read(write(tmp_path, comments))
    assert fault.value.hint


@pytest.mark.parametrize("counted", ["people", "statements", "both"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_raw_sign_is_told_by_the_exports_own_counts(tmp_path: Path, sign: int, counted: str) -> None:
    by_statement, by_person = counted in ("statements", "both"), counted in ("people", "both")
    comments = HEAD + ("1,0,3,0,1,Trees\n1,1,1,2,1,Roads\n" if by_statement else "1,0,,,1,Trees\n1,1,,,1,Roads\n")
    rows = ((1, 1, (2, 0)), (1, -1, (1, 1)), (1, -1, (1, 1)))
    lines = [
        f"{number},{agree if by_person else ''},{against if by_person else ''},{sign * one},{sign * other}"
        for number, (one, other, (agree, against)) in enumerate(rows)
    ]
    votes = "participant,n-agree,n-disagree,0,1\n" + "\n".join(lines) + "\n"
    found = polis.read(write(tmp_path, comments, votes))
    assert [one[item_id("Trees")] for one in found.people] == [1, 1, 1]
    assert [one[item_id("Roads")] for one in found.people] == [1, -1, -1]


def test_counts_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    comments = HEAD + "1,0,2,0,1,Trees\n"
    votes = "participant,n-agree,n-disagree,0\na,0,1,1\nb,0,1,1\n"
    with pytest.raises(PolisError, match="which sign agrees"):
        polis.read(write(tmp_path, comments, votes))
