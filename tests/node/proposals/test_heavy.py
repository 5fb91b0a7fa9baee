"""A card never touches death, illness, grief, debt or a breakup, in whatever form the word stands, and ordinary things pass."""

import pytest

from weal_node.proposals.heavy import heavy
from weal_simulations.worlds.acts import ACTS


@pytest.mark.parametrize(
    "text",
    [
        "Choose a reading for Dad's FUNERAL",
        "Maybe I should just give up",
        "Ask what it means to die well",
        "Chemotherapy starts on Monday",
        "Pay back the debts by spring",
        "Write down how I feel since the break-up",
        "Grieving: what helps",
        "Blumen für die Beerdigung",
        "Die Schulden abzahlen",
    ],
)
def test_what_is_heavy_is_seen(text: str) -> None:
    assert heavy([text])
    assert heavy(["Bake a cake", text])


@pytest.mark.parametrize("text", ["Die Äpfel ernten", "Read the whole Odyssey", "Studied diets", "Cancelled the order"])
def test_words_that_only_look_so_pass(text: str) -> None:
    assert not heavy([text])


def test_ordinary_things_to_do_pass() -> None:
    assert [text for texts in ACTS.values() for text in texts if heavy([text])] == []
    assert not heavy([])
