"""What is known as sentences: true of the whole model, exact by answer, few, and silent about what is not known or not to be said."""

from collections.abc import Sequence

import numpy as np
import pytest

from support.minds import about as meaning_of
from support.minds import by_first_word, on_two_sides, vectors
from weal_node.features.concepts import Concept, concept
from weal_node.features.projection import shipped
from weal_node.features.weights import WIDTH
from weal_node.mind import reading, sentences, wording
from weal_node.mind.explanations import by_answer
from weal_node.mind.feature_space import feature_space
from weal_node.mind.fitted_model import FittedModel, learn
from weal_node.mind.reading import Strength
from weal_node.mind.sentences import about, portrait, weight_for
from weal_node.mind.subjects import Kind, own_words
from weal_node.mind.wording import Sureness
from weal_node.records import Answer, Choice, Item
from weal_node.reward.edit import Edit
from weal_node.reward.edit import Kind as EditKind
from weal_protocol.representation import empty

ITEMS = [Item(f"{n:064x}", f"{('gardens', 'casinos')[n % 2]} {n}") for n in range(40)]
MEANING = on_two_sides(lambda text: text.startswith("gardens"))


def likes_gardens(count: int) -> list[Answer]:
    """Yes to gardens, no to casinos; every fifth answer compares two."""
    given = []
    for n in range(count):
        item, other = ITEMS[n % 40].id, ITEMS[(n + 1) % 40].id
        likes = n % 2 == 0
        if n % 5 == 4:
            given.append(Answer(f"{n:032x}", n, item, other, Choice.FIRST if likes else Choice.SECOND, "teach"))
        else:
            given.append(Answer(f"{n:032x}", n, item, "", Choice.ACCEPT if likes else Choice.REJECT, "teach"))
    return given


def believed(
    answers: Sequence[Answer],
    edits: Sequence[Edit] = (),
    concepts: Sequence[Concept] = (),
    items: Sequence[Item] = ITEMS,
) -> FittedModel:
    read = vectors([item.text for item in items], MEANING)
    return learn(feature_space(items, read, empty(), concepts, edits), answers)


def test_a_taste_is_said_with_its_direction_and_the_answers_under_it() -> None:
    known = portrait(believed(likes_gardens(20)))
    said = {sentence.key: sentence for sentence in known.sentences}
    gardening = said["gardening"]
    assert gardening.text in (
        "You like gardening.",
        "You like gardening very much.",
        "You nearly always want gardening.",
    )
    assert gardening.sureness is Sureness.SURE
    assert 10 <= gardening.bearing <= 20
    assert [abs(amount) for _, amount in gardening.answers] == sorted(
        (abs(amount) for _, amount in gardening.answers), reverse=True
    )
    assert known.alike > 9.5
    opposite = [answer for answer in likes_gardens(20) if not answer.other]
    swapped = {Choice.ACCEPT: Choice.REJECT, Choice.REJECT: Choice.ACCEPT}
    turned = [Answer(a.id, a.at_ms, a.item, "", swapped[a.choice], "teach") for a in opposite]
    dislikes = {sentence.key: sentence for sentence in portrait(believed(turned)).sentences}["gardening"]
    assert dislikes.text.startswith(
        ("You would rather not have gardening", "You do not want gardening", "You hardly ever want gardening")
    )


@pytest.mark.parametrize("count", [1, 20, 60, 400])  # 400: through landmarks
def test_what_a_sentence_claims_splits_exactly_by_answer(count: int) -> None:
    fitted = believed(likes_gardens(count))
    sentence = about(fitted, "gardening")
    assert sentence is not None
    assert sum(amount for _, amount in sentence.answers) + sentence.before == pytest.approx(sentence.amount, abs=1e-9)
    column = fitted.features.names.index("gardening")
    weights = fitted.features.phi[:, column] / fitted.features.phi[:, column].sum()
    assert sentence.amount == pytest.approx(float(weights @ fitted.mean), abs=1e-6)  # alone nothing else is expected


def test_a_quoted_text_claims_what_the_page_of_the_text_says() -> None:
    fitted = believed(likes_gardens(20))
    item = ITEMS[1]
    sentence = about(fitted, item.id)
    assert sentence is not None
    assert sentence.kind is Kind.EXAMPLE
    assert "things like “casinos 1”" in sentence.text
    added = dict(by_answer(fitted, item.id))
    for answer, amount in sentence.answers:
        assert amount == pytest.approx(added[answer], abs=1e-9)


def test_without_an_answer_nothing_is_claimed() -> None:
    known = portrait(believed([]))
    assert known.sentences == ()
    assert portrait(believed([], items=[])) == sentences.Portrait((), (), 0.0)


def test_what_is_not_known_is_named_and_never_claimed() -> None:
    """Yes and no in turn to gardens say nothing of gardening."""
    gardens = ITEMS[::2]
    given = []
    for n in range(8):
        choice = Choice.ACCEPT if n % 2 else Choice.REJECT
        given.append(Answer(f"{n:032x}", n, gardens[n // 2].id, "", choice, "teach"))
    known = portrait(believed(given))
    assert "gardening" in known.unknown
    assert "gardening" not in {sentence.key for sentence in known.sentences}


def test_there_are_at_most_fifteen_and_none_of_what_is_not_known() -> None:
    """Twenty tags, each liked or not, of twice as many things."""
    items = [Item(f"{n:064x}", f"kind{n % 20} {n}") for n in range(60)]
    read = vectors([item.text for item in items], by_first_word)
    tags = [concept(f"tag: kind{n}", "tag", read[n::20], shipped().centre) for n in range(20)]
    given = []
    for n, item in enumerate(items):
        choice = Choice.ACCEPT if n % 20 < 10 else Choice.REJECT
        given.append(Answer(f"{n:032x}", n, item.id, "", choice, "teach"))
    known = portrait(learn(feature_space(items, read, empty(), tags), given))
    assert len(known.sentences) == sentences.MOST
    assert all(sentence.sureness is not Sureness.NOT_KNOWN for sentence in known.sentences)


def test_what_is_forbidden_is_neither_a_sentence_nor_quoted() -> None:
    forbid = Edit("1", 1, EditKind.FORBID, "gardening")
    free, kept = portrait(believed(likes_gardens(20))), believed(likes_gardens(20), [forbid])
    assert "gardening" in {sentence.key for sentence in free.sentences}
    assert about(kept, "gardening") is None
    said = portrait(kept)
    assert not [sentence for sentence in said.sentences if "garden" in sentence.text]
    assert "gardening" not in said.unknown
    assert about(kept, ITEMS[0].id) is None


def test_what_is_out_of_the_question_or_set_aside_is_not_spoken_of() -> None:
    veto = Edit("1", 1, EditKind.VETO, "", text="word is casinos")
    ignore = Edit("2", 2, EditKind.IGNORE, "gardening")
    fitted = believed(likes_gardens(20), [veto, ignore])
    assert about(fitted, ITEMS[1].id) is None
    assert about(fitted, "gardening") is None
    assert about(fitted, ITEMS[0].id) is not None


def test_the_persons_own_words_come_first() -> None:
    direction = meaning_of("gardening") / np.linalg.norm(meaning_of("gardening"))
    tag = Concept("tag: allotment", "tag", direction)
    known = portrait(believed(likes_gardens(20), concepts=[tag]))
    first = known.sentences[0]
    assert first.kind is Kind.OWN
    assert "what you tag “allotment”" in first.text


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("folder: Work", "folder", "what lies in “Work”"),
        ("link: Ilse", "link", "what has to do with “Ilse”"),
        ("title: Plans", "title", "what “Plans” is about"),
        ("phrase: calm evenings", "phrase", "calm evenings"),
    ],
)
def test_own_words_are_named_as_what_they_are(name: str, kind: str, words: str) -> None:
    assert own_words(name, kind, name) == words
    assert own_words(name, kind, "what I call it") == "what I call it"


@pytest.mark.parametrize("wanted", [-0.6, 0.0, 1.2])
def test_a_weight_makes_the_sentence_claim_what_is_wanted(wanted: float) -> None:
    given = likes_gardens(20)
    fitted = believed(given)
    now = float(fitted.posterior.mean[fitted.features.names.index("gardening")])
    weight = weight_for(fitted, "gardening", wanted)
    changed = about(believed(given, [Edit("1", 1_000, EditKind.EDIT, "gardening", weight, now)]), "gardening")
    assert changed is not None
    assert changed.amount == pytest.approx(wanted, abs=1e-9)
    assert changed.sureness is (Sureness.NOT_KNOWN if wanted == 0.0 else changed.sureness)


@pytest.mark.parametrize(
    ("mean", "sd", "word"),
    [(2.0, 1.0, Sureness.SURE), (-1.0, 1.0, Sureness.FAIRLY_SURE), (0.4, 1.0, Sureness.LEANING), (0.1, 1.0, Sureness.NOT_KNOWN), (0.0, 0.0, Sureness.NOT_KNOWN), (0.1, 0.0, Sureness.SURE)],
)  # fmt: skip
def test_sureness_is_one_of_four_words(mean: float, sd: float, word: Sureness) -> None:
    assert wording.sureness(mean, sd) is word
    assert word.words in ("sure", "fairly sure", "leaning", "not known")


def test_every_grade_has_a_sentence_of_its_own_both_ways_alone_and_beside_others() -> None:
    said = set()
    for kind in (Kind.GENERAL, Kind.PUBLIC):
        for grade in Strength:
            for liked in (True, False):
                for beside in (True, False):
                    said.add(wording.sentence(kind, "walks", liked, grade, beside))
    assert len(said) == 2 * len(Strength) * 4
    for grade in Strength:  # what a reader takes a grade to be is of that grade
        assert reading.strength(reading.AMOUNTS[grade]) is grade
        assert reading.meant(-reading.AMOUNTS[grade]) == -reading.AMOUNTS[grade]


def test_a_reader_goes_by_what_is_near_and_else_by_what_holds_in_general() -> None:
    named = np.zeros((1, WIDTH))
    named[0] = meaning_of("gardening") / np.linalg.norm(meaning_of("gardening"))
    near = reading.nearness(np.vstack([named, -named]), named)
    assert near[:, 0].tolist() == [1.0, 0.0]
    read = reading.unread(2).after(0.6, None).after(-1.2, near[:, 0])
    assert read.own()[1] == pytest.approx(0.6)
    assert read.own()[0] == pytest.approx((reading.FAINT * 0.6 - 1.2) / (reading.FAINT + 1.0))


def test_an_answer_in_words() -> None:
    texts = {"a": "tea", "b": "coffee"}
    assert wording.line(Answer("1", 1, "a", "b", Choice.SECOND, "teach"), texts) == "“coffee” rather than tea"
    assert wording.line(Answer("1", 1, "a", "", Choice.REJECT, "teach"), texts) == "no to “tea”"
    assert wording.line(Answer("1", 1, "a", "", Choice.GRADE_4, "teach"), texts) == "4 of 5 for “tea”"
    assert "gone" in wording.line(Answer("1", 1, "z", "", Choice.ACCEPT, "teach"), texts)


def test_what_speaks_for_a_sentence_stands_once_and_beside_it_what_speaks_against() -> None:
    gardens = ITEMS[::2]
    given = [Answer(f"{n:032x}", n, gardens[n // 2].id, "", Choice.ACCEPT, "teach") for n in range(12)]
    given.append(Answer("f" * 32, 12, gardens[8].id, "", Choice.REJECT, "teach"))
    sentence = about(believed(given), "gardening")
    assert sentence is not None
    assert sentence.liked
    agreeing, against = sentence.speaking(2)
    assert len({answer.item for answer in agreeing}) == 2
    assert {answer.choice for answer in agreeing} == {Choice.ACCEPT}
    assert against is not None
    assert against.choice == Choice.REJECT
    all_agree = about(believed(given[:-1]), "gardening")
    assert all_agree is not None
    assert all_agree.speaking(2)[1] is None


def test_a_principle_is_not_said_again_in_other_words() -> None:
    direction = meaning_of("gardening") / np.linalg.norm(meaning_of("gardening"))
    principle = Edit("1", 1, EditKind.PRINCIPLE, "principle: more gardens", 1.6, text="more gardens")
    own = [Concept("principle: more gardens", "phrase", direction)]
    assert about(believed(likes_gardens(20), [principle], own), "principle: more gardens") is None


def test_of_one_thing_said_nothing_is_claimed_of_all_like_it() -> None:
    once = [Answer(f"{n:032x}", n, ITEMS[0].id, ITEMS[1].id, Choice.FIRST, "teach") for n in range(12)]
    one, two = portrait(believed(once)), portrait(believed(likes_gardens(20)))
    assert [said.key for said in one.sentences if said.kind in (Kind.OWN, Kind.PUBLIC)] == []
    assert [said.key for said in two.sentences if said.kind in (Kind.OWN, Kind.PUBLIC)]
