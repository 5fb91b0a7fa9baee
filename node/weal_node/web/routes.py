"""Every address of the page, in one table."""

import sys

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from weal_node.deals.acts import ACTS
from weal_node.errors import NotFoundError
from weal_node.web import (
    about,
    api,
    ask,
    belonging,
    commands,
    commons,
    commons_note,
    community,
    control,
    daily,
    deals,
    editor,
    forgetting,
    imports,
    items,
    leaving,
    look,
    mirror,
    models,
    note,
    notes,
    past,
    privacy,
    releases,
    right,
    search,
    sharing,
    teach,
    teach_open,
    today,
    versions,
    vocabulary,
    welcome,
)
from weal_node.web.door import health
from weal_node.web.markup import bookmarklet, pictures
from weal_node.web.page import SAID, Handler, answering

TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/healthz", health.alive),
    ("GET", "/readyz", health.ready),
    ("GET", "/login", health.log_in),
    ("POST", "/logout", health.log_out),
    ("GET", "/", welcome.home),
    ("GET", "/welcome", welcome.see),
    ("POST", "/welcome", welcome.begin),
    ("GET", "/today", today.see),
    ("POST", "/today/quiet", today.quiet),
    ("POST", "/today/{id}/answer", today.answer),
    ("POST", "/today/{id}/thought", today.thought),
    ("GET", "/teach", teach.see),
    ("POST", "/teach/answer", teach.answer),
    ("GET", "/look", look.see),
    ("POST", "/look", look.say),
    ("POST", "/teach/undo", teach.undo),
    ("GET", "/notes", notes.listing),
    ("GET", "/notes/new", editor.new),
    ("POST", "/notes", editor.save),
    ("POST", "/notes/preview", editor.preview),
    ("GET", "/notes/named", editor.named),
    ("POST", "/notes/daily", daily.today),
    ("POST", "/notes/folder", sharing.folder),
    ("GET", "/notes/review", sharing.review),
    ("POST", "/notes/review", sharing.reviewed),
    ("GET", "/notes/leaving", leaving.see),
    ("POST", "/notes/leaving", leaving.keep),
    ("POST", "/notes/kept", leaving.release),
    ("POST", "/notes/candidates/{id}", sharing.candidate),
    ("GET", "/capture", bookmarklet.capture),
    ("POST", "/notes/captured", bookmarklet.drop),
    ("GET", "/notes/import", imports.see),
    ("POST", "/notes/import/{act}", imports.act),
    ("GET", "/notes/gone", versions.gone),
    ("POST", "/notes/gone", versions.bring_back),
    ("GET", "/notes/{id}", note.see),
    ("GET", "/notes/{id}/edit", editor.edit),
    ("POST", "/notes/{id}/readers", note.readers),
    ("GET", "/notes/{id}/history", versions.listing),
    ("GET", "/notes/{id}/history/{commit}", versions.see),
    ("POST", "/notes/{id}/restore", versions.restore),
    ("POST", "/notes/{id}/forget", forgetting.note),
    ("POST", "/notes/{id}/allow", sharing.allow),
    ("POST", "/notes/{id}/undo", note.undo),
    ("POST", "/notes/{id}/keen", note.keen),
    ("POST", "/teach/later", control.dismiss),
    ("GET", "/teach/open", teach_open.see),
    ("POST", "/teach/look", teach_open.look),
    ("POST", "/teach/take", teach_open.take),
    ("GET", "/search", search.see),
    ("GET", "/ask", ask.see),
    ("POST", "/ask/said", ask.say),
    ("POST", "/ask/written", ask.write),
    ("GET", "/pictures/{path:path}", pictures.see),
    ("GET", "/topics", commons.find),
    ("GET", "/topics/{topic}", commons.topic),
    ("GET", "/people", commons.people),
    ("GET", "/people/{key}", commons.person),
    ("POST", "/people/{key}/follow", commons.follow),
    ("GET", "/people/{key}/notes/{note}", commons_note.see),
    ("POST", "/people/{key}/notes/{note}/suggest", commons_note.suggest),
    ("POST", "/people/{key}/notes/{note}/accept", commons_note.accept),
    ("POST", "/people/{key}/notes/{note}/fork", commons_note.fork),
    ("POST", "/people/{key}/notes/{note}/join", commons_note.join),
    ("POST", "/people/{key}/notes/{note}/take-back", commons_note.take_back),
    ("POST", "/people/{key}/notes/{note}/judge", commons_note.vote),
    ("GET", "/mirror", mirror.see),
    ("GET", "/mirror/about", about.see),
    ("GET", "/mirror/right", right.see),
    ("GET", "/mirror/course", past.see),
    ("POST", "/mirror/{act}", control.act),
    ("GET", "/vocabulary", vocabulary.see),
    ("GET", "/answers", control.answers),
    ("POST", "/answers/{id}/forget", control.forget),
    ("GET", "/items/{id}", items.see),
    ("POST", "/items/{id}/judge", items.answer),
    ("GET", "/community", community.see),
    ("POST", "/community/terms", belonging.read_terms),
    ("POST", "/community/join", belonging.join),
    ("GET", "/community/part", belonging.see),
    ("POST", "/community/part", belonging.choose),
    ("POST", "/community/leave", belonging.leave),
    ("POST", "/community/charter", community.agree),
    ("GET", "/community/releases", releases.see),
    ("POST", "/community/releases", releases.use),
    ("GET", "/community/items", items.listing),
    ("GET", "/deals", deals.listing),
    ("POST", "/deals/find", deals.find),
    ("POST", "/deals/propose", deals.propose),
    ("GET", "/deals/receipts", deals.ledger),
    ("GET", "/deals/{id}", deals.see),
    *deals.routes(ACTS),  # one for each act of the person
    ("GET", "/deals/{id}/letters", deals.evidence),
    ("POST", "/community/find", deals.moved),  # these three lay under Community in earlier versions
    ("POST", "/community/propose", deals.moved),
    ("GET", "/community/receipts", deals.moved),
    ("GET", "/privacy", privacy.see),
    ("GET", "/privacy/{id}", privacy.payload),
    ("POST", "/privacy/pause", privacy.pause),
    ("GET", "/models", models.see),
    ("POST", "/models", models.add),
    ("POST", "/models/remove", models.remove),
    ("POST", "/models/draft", models.draft),
    ("GET", "/api/session", api.session),
    ("GET", "/api/items", api.items),
    ("GET", "/api/today", api.today),
    ("GET", "/api/mirror", api.mirror),
    ("GET", "/api/notes", api.notes),
    ("GET", "/api/search", search.answer),
    ("GET", "/api/deals", api.deals),
    ("GET", "/api/privacy", api.privacy),
    ("GET", "/api/doctor", api.doctor),
    ("GET", "/api/releases", releases.listed),
    ("GET", "/api/import", imports.standing),
    ("POST", "/cli/{name}", commands.perform),
)


def sentences() -> dict[str, str]:
    """Return what pages may say after a form was sent, by name: of every module with a row in the table its own `SAID`, and what
    several say."""
    said = dict(SAID)
    for _, _, handler in TABLE:
        said |= getattr(sys.modules[handler.__module__], "SAID", {})
    return said


def routes(static: str) -> list[BaseRoute]:
    """Return the table as routes; `static` is the folder of the style sheet and htmx."""
    said = sentences()
    table: list[BaseRoute] = []
    for method, path, handler in TABLE:
        table.append(Route(path, answering(path, handler, said), methods=[method]))
    nowhere = Route("/{path:path}", answering("/{path}", _nothing, said), methods=["GET"])
    return [*table, Mount("/static", StaticFiles(directory=static)), nowhere]


async def _nothing(request: Request) -> Response:
    """Answer an address at which there is no page."""
    raise NotFoundError("there is no page at this address", "The places that there are stand in the bar")
