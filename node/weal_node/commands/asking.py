"""The command `ask`: a question answered from notes, what the person says of the answer, and a language model's where they name one."""

import asyncio
from functools import partial
from typing import Any

from weal_node.assistant import answering
from weal_node.assistant.answering import Answer
from weal_node.commands.home import Command, HomeServices
from weal_node.errors import NotFoundError
from weal_node.outbound import providers
from weal_node.outbound.providers import Provider
from weal_node.search import asking
from weal_node.search.asking import Asked
from weal_node.search.cited import as_json
from weal_node.store import answered
from weal_node.store.answered import Verdict
from weal_node.text import question
from weal_protocol.errors import WealError


async def ask(home: HomeServices, text: str, that: int = 0, not_that: int = 0, model: str = "") -> dict[str, Any]:
    """Answer a question from everything this node knows. that, not_that: number of a note shown, from 1, that answers it, or does not.
    model: the name of a language model that is to write an answer."""
    asked = await asking.ask(await home.search(), text)
    for number, answers in ((that, True), (not_that, False)):
        if number:
            await _judge(home, asked, number, answers)
    said = as_json(asked)
    if model and asked.sources:
        said["answer"] = answer_json(await written(home, asked, model))
    return said


async def _judge(home: HomeServices, asked: Asked, number: int, answers: bool) -> None:
    if not 0 < number <= len(asked.sources):
        raise WealError(f"there is no note {number} in this answer", f"Name one of 1 to {len(asked.sources)}")
    source = asked.sources[number - 1]
    await said(home, asked.question.key, (source.of.author, source.of.note, source.best.digest), answers)


async def said(home: HomeServices, key: str, passage: tuple[str, str, str], answers: bool) -> None:
    """Remember whether a passage answers a question; asked again, it comes first, or last. passage: author, note, SHA-256 of its text."""
    if not key:
        raise WealError("there is no question to remember that for", "Ask something first")
    verdict = Verdict(*passage, answers)
    await home.database.write(partial(answered.say, question=key, verdict=verdict, now_ms=home.now_ms()))


def key(text: str) -> str:
    """Return by what a question is known again; "" of one without a word."""
    return question.read(text).key


async def written(home: HomeServices, asked: Asked, model: str) -> Answer:
    """Let a language model of this name write an answer from the passages shown. NotFoundError where there is none."""
    node, settings = home.node(), home.settings()
    provider = await _provider(home, model)
    allowed = _always if provider.is_here else node.check_not_paused
    allowed()
    shown = await answering.readable(home.database, asked, provider, settings.model_private)
    return await answering.answer(asked, shown, provider, node.models, await home.mind(), allowed)


def _always() -> None:
    """What is asked of a model on this machine leaves nothing, paused or not."""


async def offered(home: HomeServices) -> tuple[Provider, ...]:
    """Return the language models that may be asked; none where their file cannot be read."""
    try:
        return await asyncio.to_thread(providers.read, home.place.models)
    except WealError:
        return ()


async def _provider(home: HomeServices, name: str) -> Provider:
    known = await asyncio.to_thread(providers.read, home.place.models)
    for provider in known:
        if provider.name == name:
            return provider
    raise NotFoundError(
        f"there is no language model {name[:40]!r}",
        f"You have {', '.join(one.name for one in known)}" if known else "Add one on the Models page",
    )


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return a model's answer as JSON: {"model", "sentences": [{"text", "cites"}], "left_out", "passages": [{"title", "name", "text"}], "written", "cost"}."""
    best = answer.best.sentences if answer.best else ()
    return {
        "model": answer.provider.name,
        "sentences": [{"text": sentence.text, "cites": list(sentence.cites)} for sentence in best],
        "left_out": list(answer.left_out),
        "passages": [{"title": one.source.of.title, "name": one.source.name, "text": one.text} for one in answer.shown],
        "written": answer.written,
        "cost": answer.cost,
    }


COMMANDS: dict[str, Command] = {"ask": ask}
