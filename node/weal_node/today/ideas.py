"""Which of what the agent knows could be a card at all: nothing answered, nothing brought twice, nothing heavy, and not its own statements."""

from dataclasses import dataclass, field

from weal_node.look.guard import tender
from weal_node.mind.mind import Mind
from weal_node.mind.seed_statements import starter_ids
from weal_node.proposals.dictated import instructs
from weal_node.records import Item
from weal_node.reward.principles import vetoed, vetoes
from weal_node.today.memory import Memory

SHARED = frozenset(
    {"statement", "proposal", "note"}
)  # kinds of items that others put forward; anything else comes by a proposal


@dataclass(slots=True)
class Ideas:
    """still: shown and not answered.  new: never shown.  asked: what the person asked for.  ruled_out: how many a veto rules out."""

    still: list[Item] = field(default_factory=list)
    new: list[Item] = field(default_factory=list)
    asked: list[Item] = field(default_factory=list)
    ruled_out: int = 0


def ideas(mind: Mind, memory: Memory) -> Ideas:
    """Return the states that nothing keeps from being shown, in the order in which they are known."""
    judged, compared = _answered(mind)
    standing, sorted_in = vetoes(mind.edits()), Ideas()
    for state in mind.items():
        proposed = state.id in memory.made
        if not proposed and (state.kind not in SHARED or state.id in starter_ids()):
            continue
        if memory.model_of(state.id) and instructs(state.text):  # by an earlier version, which let more pass
            continue
        if vetoed(state, standing):
            sorted_in.ruled_out += 1
        elif state.id not in judged and (proposed or state.id not in compared) and not memory.is_put_off(state.id):
            _sort_in(sorted_in, memory, state)
    return sorted_in


def _sort_in(sorted_in: Ideas, memory: Memory, state: Item) -> None:
    if memory.is_asked_for(state.id):
        sorted_in.asked.append(state)
    elif is_heavy(memory, state):
        return
    elif memory.may_come(state.id):
        sorted_in.new.append(state)
    elif state.id in memory.waiting:
        sorted_in.still.append(state)


def is_heavy(memory: Memory, state: Item) -> bool:
    """Whether an idea, or a note that it rests on, touches what a card never does."""
    proposal, texts = memory.made.get(state.id), [state.text]
    for citation in proposal.citations if proposal else ():
        texts += [citation.quote, citation.title, citation.path]
    return tender(*texts)


def _answered(mind: Mind) -> tuple[set[str], set[str]]:
    """Return the states that were judged alone, and those that were compared: a statement has been answered then, an act has not."""
    judged, compared = set[str](), set[str]()
    for answer in mind.fitted().answers:
        if answer.other:
            compared |= {answer.item, answer.other}
        else:
            judged.add(answer.item)
    return judged, compared
