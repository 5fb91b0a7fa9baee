"""Commands to the agent: what it has to say today, what it knows of its person, a search, drafts of language models, a login link."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from weal_node.commands.home import Command, HomeServices
from weal_node.mind import wording
from weal_node.mind.mind import Mind
from weal_node.mind.sentences import Sentence, portrait
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


async def mirror(home: HomeServices) -> dict[str, Any]:
    """Return what is known of the person, as `mirror_json` says."""
    return await mirror_json(await home.mind())


async def mirror_json(mind: Mind) -> dict[str, Any]:
    """Return Mirror as JSON: {"sentences": [{"text", "sureness", "from", "answers": [{"id", "said", "amount", "for"}], "amount", "sd", ...}],
    "unknown": words for what is not known, "alike": of 10 things, "answers": n, "release": n}. Amounts are in log-odds."""
    fitted = mind.fitted()
    made = await asyncio.to_thread(portrait, fitted, mind.language)
    texts = {item.id: item.text for item in mind.items()}
    return {
        "sentences": [_said(sentence, texts) for sentence in made.sentences],
        "unknown": list(made.unknown),
        "alike": made.alike,
        "answers": mind.answer_count,
        "release": mind.release,
    }


def _said(sentence: Sentence, texts: Mapping[str, str]) -> dict[str, Any]:
    answers = []
    for answer, amount in sentence.answers[: sentence.bearing]:
        agrees = (amount > 0.0) == sentence.liked
        answers.append({"id": answer.id, "said": wording.line(answer, texts), "amount": amount, "for": agrees})
    return {
        "text": sentence.text,
        "sureness": sentence.sureness.words,
        "from": sentence.bearing,
        "answers": answers,
        "kind": sentence.kind,
        "key": sentence.key,
        "about": sentence.about,
        "amount": sentence.amount,
        "sd": sentence.sd,
        "before": sentence.before,
    }


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


COMMANDS: dict[str, Command] = {"today": today, "mirror": mirror, "search": search, "draft": draft, "login": login}
