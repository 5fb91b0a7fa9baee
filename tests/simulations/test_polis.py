"""Reading a Polis export, whole or damaged, and choosing who plays which part."""

from pathlib import Path

import pytest

from weal_protocol.errors import WealError
from weal_protocol.items import item_id
from weal_simulations import polis
from weal_simulations.opinions import Opinions, cast, named
from weal_simulations.polis import PolisError

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
    chosen = cast(Opinions("made up", texts, people), 4, subjects=3, labels=10, fewest=20, crowd=50, fewest_in_crowd=5)
    assert len(chosen.crowd) == 9
    for subject in chosen.subjects:
        given = {item for item, _ in subject.labels}
        assert len(given) == 10
        assert not given & set(subject.held_out)
        assert len(subject.held_out) == 20
    with pytest.raises(WealError, match="are needed"):
        cast(Opinions("few", texts, people), 4, subjects=3, labels=10, fewest=31, crowd=5, fewest_in_crowd=5)
