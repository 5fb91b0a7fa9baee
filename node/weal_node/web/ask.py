"""Ask: a question answered from notes, what the person says of an answer, and, by a button, one that a language model writes from the passages shown."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from weal_node.assistant import answering
from weal_node.assistant.answering import Answer
from weal_node.commands import asking as commands
from weal_node.commands.home import HomeServices
from weal_node.outbound.providers import Provider
from weal_node.search import asking
from weal_node.search.asking import Asked
from weal_node.search.cited import cited
from weal_node.text.query import MAX_CHARACTERS
from weal_node.web.commands import services
from weal_node.web.page import back_to, desk_of, form, show
from weal_protocol.errors import WealError

LONGEST = 2_000  # characters of a question that a page repeats
MODELS = 4  # language models that are offered beside an answer
SAID = {
    "answers": "Remembered: it comes first when you ask this again.",
    "no-answer": "Remembered: it comes last when you ask this again.",
}


async def see(request: Request) -> Response:
    """GET /ask: q, a question in the person's words."""
    text = request.query_params.get("q", "")[:LONGEST].strip()
    if not text:
        return show(request, "ask.html", question="", fault="", asked=None, cut=False, models=(), notes=(), nearest=())
    home = services(request)
    try:
        asked = await asking.ask(await home.search(), text)
    except WealError as refused:
        fault = f"{refused.what}. {refused.hint}."
        return show(
            request, "ask.html", question=text, fault=fault, asked=None, cut=False, models=(), notes=(), nearest=()
        )
    return show(
        request,
        "ask.html",
        question=text,
        fault=f"{asked.said}." if asked.said else "",
        asked=asked,
        cut=len(text) > MAX_CHARACTERS,
        models=await _models(request, home, asked),
        notes=[cited(asked, source) for source in asked.sources],
        nearest=[cited(asked, source) for source in asked.nearest],
    )


async def _models(request: Request, home: HomeServices, asked: Asked) -> list[tuple[Provider, int]]:
    """Return the models that may be asked, each with how many of the passages it may read."""
    offered: list[tuple[Provider, int]] = []
    private_to = desk_of(request).settings.model_private
    for provider in (await commands.offered(home))[:MODELS] if asked.sources else ():
        shown = await answering.readable(home.database, asked, provider, private_to)
        offered.append((provider, len(shown)))
    return offered


async def say(request: Request) -> Response:
    """POST /ask/said: fields q, author, note, passage, and answers, "yes" or "no"."""
    fields, home = await form(request), services(request)
    text, answers = fields.get("q", "")[:LONGEST].strip(), fields.get("answers", "") == "yes"
    author, note, passage = (fields.get(name, "")[:64] for name in ("author", "note", "passage"))
    await commands.said(home, commands.key(text), (author, note, passage), answers)
    return back_to(f"/ask?q={quote(text)}", "answers" if answers else "no-answer")


async def write(request: Request) -> Response:
    """POST /ask/written: fields q, and model, the name of the one that is asked; the page is its answer, and is kept nowhere."""
    fields, home = await form(request), services(request)
    text = fields.get("q", "")[:LONGEST].strip()
    asked = await asking.ask(await home.search(), text)
    answer = await commands.written(home, asked, fields.get("model", "")[:200])
    passages = [cited(asked, one.source) for one in answer.shown]
    return show(request, "ask_written.html", question=text, answer=answer, passages=passages, note=_note(text, answer))


def _note(question: str, answer: Answer) -> str:
    """Return a model's answer as the text of a note, with the titles that each sentence cites."""
    lines: list[str] = [question, ""]
    for sentence in answer.best.sentences if answer.best else ():
        titles = dict.fromkeys(answer.shown[number - 1].source.of.title or "Untitled" for number in sentence.cites)
        lines.append(f"- {sentence.text} ({'; '.join(titles)})")
    return "\n".join([*lines, "", f"Written by {answer.provider.name} from these notes."])
