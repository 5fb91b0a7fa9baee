"""Cards: an idea, what there is to do about it, the words it rests on, and in words how sure the agent is."""

from dataclasses import dataclass

from weal_node.features.layout import CONSTANT, NAMES
from weal_node.mind import explanations
from weal_node.mind.mind import Mind
from weal_node.mind.unseen import in_support
from weal_node.proposals.evidence import Citation
from weal_node.proposals.wording import act
from weal_node.records import Item, Prediction
from weal_node.today.memory import Memory

SURENESS = ((0.8, "Sure"), (0.7, "Fairly sure"), (0.6, "Worth a try"), (0.0, "Leaning"))  # chosen
NEW_GROUND = " It is unlike anything you have judged, so this is a question more than advice."
ASKED_FOR = "You wanted to be reminded of it."


@dataclass(frozen=True, slots=True)
class Card:
    """A state, why it is shown or held back, and what the agent believes of it. act: what there is to do, as one sentence."""

    state: Item
    reason: str
    judgement: Prediction
    citations: tuple[Citation, ...] = ()
    model: str = ""  # that wrote it, as the person named it; "" where the rules did
    act: str = ""


def sureness(chance: float) -> str:
    """Return in words how sure this is of a yes."""
    return next(word for least, word in SURENESS if chance >= least)


def dots(chance: float) -> int:
    """Return the same as one to four dots."""
    return len(SURENESS) - next(place for place, (least, _) in enumerate(SURENESS) if chance >= least)


def made(mind: Mind, memory: Memory, state: Item, reason: str) -> Card:
    """Return the card of a state that is shown or held back for this reason."""
    proposal = memory.made.get(state.id)
    cited = proposal.citations if proposal else ()
    text = act(proposal.kind, state.text, cited) if proposal else state.text
    return Card(state, reason, mind.predict(state.id), cited, memory.model_of(state.id), text)


def bring(mind: Mind, memory: Memory, states: list[Item]) -> list[Card]:
    """Return the cards of states that are shown, each with what speaks for it."""
    fitted = mind.fitted()
    known = in_support(fitted, fitted.features.phi, fitted.features.components) if states else ()
    cards: list[Card] = []
    for state in states:
        new_ground = "" if known[fitted.features.index[state.id]] else NEW_GROUND
        cards.append(made(mind, memory, state, _reason(mind, state) + new_ground))
    return cards


def _reason(mind: Mind, state: Item) -> str:
    helping = [part for part in mind.parts(state.id) if part.amount > 0 and part.name != NAMES[CONSTANT]][:2]
    names = [explanations.briefly(mind.fitted(), state.id, part, mind.language) for part in helping]
    word = sureness(mind.predict(state.id).probability)
    return f"{word}, mostly because of {' and '.join(names)}." if names else f"{word}."
