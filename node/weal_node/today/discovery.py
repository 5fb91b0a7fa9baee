"""Connections of what this person asks, wants, needs or names with what others wrote, by rules alone; what is found waits for Today.

The index gives candidates, the rules of `proposals` choose, the reward and the gate decide whether anything is said.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest

from weal_node.look.guard import tender
from weal_node.mind.mind import Mind
from weal_node.proposals import bridges, leads, memories, mentions, recombine
from weal_node.proposals.evidence import Citation, Proposal
from weal_node.proposals.matches import texts
from weal_node.records import Item
from weal_node.search.service import Search
from weal_node.store import passages, proposals
from weal_node.store.database import Database
from weal_node.store.proposals import Made
from weal_node.today.evidence import GatheredEvidence, NoteEvidence
from weal_node.vault import comments
from weal_protocol.items import item_id

IDEA = "idea"  # the kind of their states
NEW_A_DAY = 12
DAY_MS = 24 * 3_600 * 1_000
KEPT = 200  # states are judged whenever anything is learnt: what is older than the newest of these goes


@dataclass(frozen=True, slots=True)
class Connected:
    """How many proposals were found, how many of them are new and kept, and how many old ones lost their words."""

    found: int
    kept: int
    dropped: int


async def connect(database: Database, search: Search, mind: Mind, now_ms: int) -> Connected:
    """Look through everything once."""
    dropped = await database.write(_drop_gone)
    evidence = await NoteEvidence.gather(database, search, mind, now_ms)
    fresh = await propose(evidence, mind)
    new = await keep(database, mind, fresh, "rules", now_ms)
    return Connected(len(fresh), new, dropped)


async def propose(evidence: NoteEvidence, mind: Mind) -> tuple[Proposal, ...]:
    """Return what the rules find, each kind best first, the kinds taking turns."""
    gathered: GatheredEvidence = await evidence.candidates()
    own, others = evidence.wishes()
    lines = texts((*own, *others))
    cosines, place = await mind.similarity(lines), {text: row for row, text in enumerate(lines)}

    def similar(need: str, offer: str) -> float:
        return float(cosines[place[need], place[offer]])

    kinds = (
        bridges.find(gathered.questions, gathered.answers),
        leads.circles(own, others, similar, evidence.cited) + leads.find(own, others, similar, evidence.cited),
        recombine.find(gathered.goals, gathered.resources, gathered.limits),
        memories.find(gathered.edits, gathered.memories),
        mentions.find(gathered.topics, gathered.mentions),
    )
    return turns(kinds)


def turns(kinds: Sequence[Sequence[Proposal]]) -> tuple[Proposal, ...]:
    """Return the first of each, then the second of each, and so on."""
    return tuple(filter(None, chain.from_iterable(zip_longest(*kinds))))


async def keep(database: Database, mind: Mind, candidates: Sequence[Proposal], source: str, now_ms: int) -> int:
    """Make new proposals of any source known to the agent, a few a day; return how many.

    What the person asked for comes at once, and is kept as asked for where the agent knew it already. Nothing heavy is proposed unasked."""
    known_items, lately = await database.read(
        lambda connection: (proposals.every(connection), proposals.made_since(connection, now_ms - DAY_MS))
    )
    asked: dict[str, tuple[Item, Proposal]] = {}
    fresh: dict[str, tuple[Item, Proposal]] = {}
    for proposal in candidates:
        state, before = _state(proposal), known_items.get(item_id(proposal.text))
        if proposal.asked_for and not (before and before.asked_for):
            asked[state.id] = (state, proposal)
        elif before is None and not tender(*_words(proposal)):
            fresh[state.id] = (state, proposal)
    chosen = [*asked.values(), *list(fresh.values())[: max(0, NEW_A_DAY - lately)]]
    await mind.add_items([state for state, _ in chosen])
    rows: list[Made] = []
    for state, proposal in chosen:
        rows.append(Made(state.id, proposal.kind, source, now_ms, proposal.citations, proposal.asked_for))
    await database.write(partial(proposals.add, rows=rows))
    return len(chosen)


def _words(proposal: Proposal) -> Iterator[str]:
    yield proposal.text
    for citation in proposal.citations:
        yield from (citation.quote, citation.title, citation.path)


def _state(proposal: Proposal) -> Item:
    return Item(item_id(proposal.text), proposal.text, IDEA)


def _drop_gone(connection: sqlite3.Connection) -> int:
    """Forget proposals of which a quoted word is no longer where it stood, and the oldest of too many."""
    every = proposals.every(connection)
    gone, rest = list[str](), list[str]()
    for state, made in every.items():
        # What was asked for stays; an act is quoted without its marks, and looked after where it was read (reread.py).
        is_there = made.kind == "act" or all(map(partial(_stands, connection), made.citations))
        (rest if is_there else gone).append(state)
    old = [state for state in rest[: max(0, len(rest) - KEPT)] if not every[state].asked_for]
    proposals.drop(connection, (*gone, *old))
    return len(gone) + len(old)


def _stands(connection: sqlite3.Connection, cited: Citation) -> bool:
    """Whether the quoted words still stand in their note, outside of remarks."""
    note = passages.of_note(connection, cited.author, cited.note)
    text = " ".join(comments.without(passage.text) for passage in note)
    return bool(note) and cited.quote in " ".join(text.split())
