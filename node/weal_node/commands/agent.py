"""Commands to the agent: what it has to say today, a search, drafts of language models, a login link."""

import asyncio
from dataclasses import asdict
from typing import Any

from weal_node.commands.home import Command, HomeServices
from weal_node.outbound import providers
from weal_node.search import addresses
from weal_node.search.service import HITS, WAYS
from weal_node.text.query import parse
from weal_node.today import drafting
from weal_node.today import today as propose
from weal_node.today.cards import Card
from weal_protocol.errors import WealError

MOST_HITS = 100  # of one answer


async def today(home: HomeServices) -> dict[str, Any]:
    """Return what Today would show, as `today_json` says."""
    mind = await home.mind()
    return today_json(await propose.today(home.database, mind, home.now_ms(), home.quiet()))


def today_json(shown: propose.Today) -> dict[str, Any]:
    """Return Today as JSON: {"cards": [{"id", "text", "reason", "model", ...judgement}], "asked": the same, "held_back": n, "silent": why,
    "question": [two sentences to choose between], empty where none would help}."""
    question = shown.question
    return {
        "cards": [_card(card) for card in shown.cards],
        "asked": [_card(card) for card in shown.asked],
        "held_back": len(shown.held_back),
        "silent": shown.silent,
        "question": [question.first.text, question.other.text] if question and question.other else [],
    }


def _card(card: Card) -> dict[str, Any]:
    written = {"id": card.state.id, "text": card.act or card.state.text, "reason": card.reason, "model": card.model}
    cited = {"citations": [asdict(citation) for citation in card.citations]}
    return written | cited | asdict(card.judgement)


async def search(home: HomeServices, text: str, limit: int = HITS, way: str = "both") -> dict[str, Any]:
    """Answer a question from everything this node knows. limit: 1 to 100 hits.  way: both, words or meaning."""
    if way not in WAYS or not 0 < limit <= MOST_HITS:
        raise WealError(f"way is {', '.join(WAYS)}; limit is 1 to {MOST_HITS}", "Ask again")
    query = parse(text)
    return addresses.as_json(query, await (await home.search()).find(query, limit, way))


async def draft(home: HomeServices) -> dict[str, Any]:
    """Ask the person's language models for drafts; return {"kept", "written", "refused", "cost", "faults"}."""
    return asdict(await drafted(home))


async def drafted(home: HomeServices) -> drafting.Drafted:
    """Ask the person's language models once; what is kept waits for Today."""
    node, settings = home.node(), home.settings()
    node.check_not_paused()
    mind = await home.mind()
    asked = await asyncio.to_thread(providers.read, home.place.models)
    wish = drafting.Wish(asked, settings.model_private, settings.model_drafts)
    return await drafting.draft(home.database, mind, node.models, wish, home.now_ms)


async def login(home: HomeServices, end_sessions: bool = False, new_address: bool = False) -> dict[str, Any]:
    """Return a login link that works once; it is never logged."""
    return {"link": home.node().new_link(end_sessions, new_address)}


COMMANDS: dict[str, Command] = {"today": today, "search": search, "draft": draft, "login": login}
