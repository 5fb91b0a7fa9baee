"""The commands of `weal`, asked of the node that runs: one address for all of them, behind the control token of this machine."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from weal_node.commands import table
from weal_node.commands.home import HomeServices, RunningNode
from weal_node.deals.views import DealView
from weal_node.search.service import Search
from weal_node.web.page import desk_of, sent_object


async def perform(request: Request) -> Response:
    """POST /cli/{name}: a command of `commands.table`, its arguments as a JSON object."""
    return JSONResponse(await table.perform(services(request), request.path_params["name"], await sent_object(request)))


def services(request: Request) -> HomeServices:
    """Return the running node's home as commands see it."""
    desk = desk_of(request)

    def new_link(end_sessions: bool, new_address: bool) -> str:
        token = desk.login.new_link(end_sessions, new_address)
        return f"{request.app.state.guard.home}/login?token={token}"

    async def search() -> Search:
        return desk.search

    async def deals() -> Sequence[DealView] | None:
        return await desk.joined.bargaining.deals() if desk.joined else None

    return HomeServices(
        place=desk.home,
        database=desk.database,
        vault=desk.vault,
        now_ms=desk.now_ms,
        alone=desk.joined is None,
        settings=lambda: desk.settings,
        own_key=lambda: desk.own_key,
        quiet=lambda: desk.quiet,
        mind=desk.minded,
        search=search,
        rereading=desk.rereading,
        deals=deals,
        join=lambda wish: desk.join(wish),
        leave=lambda: desk.leave(),
        recover=lambda: None,  # it did so when it began
        live_mind=desk.mind,
        running=lambda: RunningNode(desk.models, desk.importing, new_link, desk.check_not_paused),
    )
