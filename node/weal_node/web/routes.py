"""Every address of the page, in one table."""

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from weal_node.web import api, belonging, community, control, deals, health, items, mirror, notes, privacy, teach, today
from weal_node.web.page import Handler, saying_faults

TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/healthz", health.alive),
    ("GET", "/readyz", health.ready),
    ("GET", "/login", health.log_in),
    ("POST", "/logout", health.log_out),
    ("GET", "/", today.home),
    ("GET", "/today", today.see),
    ("POST", "/today/{id}/answer", today.answer),
    ("GET", "/teach", teach.see),
    ("POST", "/teach/answer", teach.answer),
    ("GET", "/notes", notes.listing),
    ("GET", "/notes/new", notes.new),
    ("POST", "/notes", notes.save),
    ("GET", "/notes/{id}", notes.see),
    ("POST", "/notes/{id}/undo", notes.undo),
    ("POST", "/teach/later", control.dismiss),
    ("GET", "/mirror", mirror.see),
    ("POST", "/mirror/{act}", control.act),
    ("GET", "/answers", control.answers),
    ("POST", "/answers/{id}/forget", control.forget),
    ("GET", "/items/{id}", items.see),
    ("POST", "/items/{id}/judge", items.judge),
    ("GET", "/community", community.see),
    ("POST", "/community/terms", belonging.read_terms),
    ("POST", "/community/join", belonging.join),
    ("GET", "/community/part", belonging.see),
    ("POST", "/community/part", belonging.choose),
    ("POST", "/community/leave", belonging.leave),
    ("GET", "/community/items", items.listing),
    ("POST", "/community/find", deals.find),
    ("POST", "/community/propose", deals.propose),
    ("GET", "/deals/{id}", deals.see),
    ("POST", "/deals/{id}/edit", deals.edit),
    ("POST", "/deals/{id}/enter", deals.enter),
    ("POST", "/deals/{id}/decline", deals.decline),
    ("POST", "/deals/{id}/cancel", deals.cancel),
    ("POST", "/deals/{id}/rank", deals.rank),
    ("POST", "/deals/{id}/ratify", deals.ratify),
    ("POST", "/deals/{id}/fulfil", deals.fulfil),
    ("POST", "/deals/{id}/dispute", deals.dispute),
    ("POST", "/deals/{id}/rate", deals.rate),
    ("GET", "/deals/{id}/letters", deals.evidence),
    ("GET", "/community/receipts", deals.ledger),
    ("GET", "/privacy", privacy.see),
    ("GET", "/privacy/{id}", privacy.payload),
    ("POST", "/privacy/pause", privacy.pause),
    ("GET", "/api/session", api.session),
    ("GET", "/api/items", api.items),
    ("GET", "/api/today", api.today),
    ("GET", "/api/mirror", api.mirror),
    ("GET", "/api/notes", api.notes),
    ("GET", "/api/deals", api.deals),
    ("GET", "/api/privacy", api.privacy),
    ("GET", "/api/doctor", api.doctor),
    ("POST", "/cli/note", api.write_note),
    ("POST", "/cli/join", api.join),
    ("POST", "/cli/tier", api.choose_tier),
    ("POST", "/cli/leave", api.leave),
    ("POST", "/cli/login", api.new_link),
)


def routes(static: str) -> list[BaseRoute]:
    """Return the table as routes; `static` is the folder of the style sheet and htmx."""
    found: list[BaseRoute] = [
        Route(path, saying_faults(path, handler), methods=[method]) for method, path, handler in TABLE
    ]
    return [*found, Mount("/static", StaticFiles(directory=static))]
