"""The page that tells anyone of a community's rounds: plain HTML from values. No member is named, and none counted who was drawn."""

import datetime as dt
import html

from weal_coordinator.community.charter import Charter
from weal_coordinator.community.schedule import SPENT
from weal_coordinator.store.history import RoundEntry
from weal_protocol import release_log

_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="icon" href="static/icon.svg"><link rel="stylesheet" href="static/page.css"></head><body><main>'
    "<h1>{name}</h1>"
)
_FOOT = (
    '</main><footer>A <abbr title="a federated network of personal agents">Weal</abbr> community</footer></body></html>'
)
_COLUMNS = ("Round", "When", "Registered", "Epsilon so far", "Release", "Accuracy")
_EMPTY = "<p class=card>No round has been run yet.</p>"


def render(
    charter: Charter,
    members: int,
    epsilon: float,
    entries: tuple[RoundEntry, ...],
    head: release_log.Entry | None = None,
    *,
    older: bool,
    left: int | None = None,
) -> str:
    """Return the page. members: now, the coordinator among them. epsilon: spent so far. entries: newest first. head: the newest release
    in the log. older: whether there are more. left: how many more rounds fit under the cap, None where that is not known yet."""
    return (
        _HEAD.format(name=html.escape(charter.name))
        + _standing(charter, members, epsilon, left)
        + "<h2>Rounds</h2>"
        + (_table(entries) if entries else _EMPTY)
        + (f'<p><a rel="next" href="?before={entries[-1].number}">Older rounds</a></p>' if older else "")
        + (_log(head) if head else "")
        + _meaning(charter)
        + _FOOT
    )


def away(charter: Charter) -> str:
    """Return the page of a community whose database does not answer."""
    said = "<p class=card>The record of rounds cannot be read at the moment. Please come back later.</p>"
    return _HEAD.format(name=html.escape(charter.name)) + said + _FOOT


def _standing(charter: Charter, members: int, epsilon: float, left: int | None) -> str:
    cap = charter.aggregation.epsilon_cap
    who = "1 member, the coordinator itself" if members == 1 else f"{members} members, the coordinator among them"
    return (
        f"<p>{who}.</p><section class=card><p><strong>Privacy spent</strong>: epsilon {epsilon:.2f} of at most {cap:g}</p>"
        f'<meter min="0" max="{cap}" value="{min(epsilon, cap)}">{epsilon:.2f} of {cap:g}</meter>'
        "<p class=muted>For a member who was there from the first round; whoever came later has spent less. "
        f"No round is run that would pass the cap.{_left(left)}</p></section>"
    )


def _left(left: int | None) -> str:
    if left is None:
        return ""
    if left == 0:
        return f" <strong>Rounds are over</strong>: {html.escape(SPENT)}."
    return (
        f" {left:,} more round{' fits' if left == 1 else 's fit'} under it; after that the last release stays in use."
    )


def _log(head: release_log.Entry) -> str:
    return (
        f"<section class=card><p><strong>Log of releases</strong>: ends with release {head.number}, "
        f"<code>{release_log.digits(head.sha256)}</code></p>"
        "<p class=muted>These digits stand for all releases so far. Members’ nodes show theirs under Community, Releases: where they "
        "show others for the same release, members were shown different releases.</p></section>"
    )


def _table(entries: tuple[RoundEntry, ...]) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, entries))}</tbody></table>"


def _row(entry: RoundEntry) -> str:
    spent = {"open": "not charged yet", "failed": "not charged"}.get(entry.state, f"{entry.epsilon:.2f}")
    cells = (str(entry.number), _when(entry.opened_ms), str(entry.registered), spent, _release(entry), _accuracy(entry))
    named = zip(_COLUMNS[1:], cells[1:], strict=True)
    return f'<tr><th scope="row"><span>Round </span>{cells[0]}</th>' + "".join(
        f'<td data-name="{name}">{cell}</td>' for name, cell in named
    )


def _when(milliseconds: int) -> str:
    moment = dt.datetime.fromtimestamp(milliseconds / 1_000, dt.UTC)
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment.day} {moment:%B %Y}</time>'


def _release(entry: RoundEntry) -> str:
    match entry.state:
        case "open":
            return "in progress"
        case "charged":
            return "being made"
        case "failed":
            return "given up"
        case _:
            return str(entry.release) if entry.release else "withheld"


def _accuracy(entry: RoundEntry) -> str:
    if entry.accuracy is None:
        return "not measured"
    # One standard error, and no more digits than it leaves standing.
    deviation = f" ± {100 * entry.accuracy_sd:.1f}" if entry.accuracy_sd is not None else ""
    return f"{100 * entry.accuracy:.1f}{deviation} %"


def _meaning(charter: Charter) -> str:
    rules = charter.aggregation
    return (
        "<h2>What this means</h2><dl>"
        "<dt>Round</dt><dd>Members’ nodes send clipped statistics, the coordinator adds them up with noise, and only the "
        "noisy sum is used. A secret coin decides for each registered member whether they are drawn.</dd>"
        "<dt>Epsilon</dt><dd>Bounds how much one person’s taking part can change what is released: the smaller, the better "
        f"protected. User level, add or remove one person, delta {_plainly(rules.delta)}. It covers the releases, not the "
        "directory, mail or proposals.</dd>"
        "<dt>Release</dt><dd>What the noisy sums say together. Each member’s node tries it on its own person’s answers, and keeps the "
        f"older one where that predicts better. Withheld while fewer than {rules.population_floor} members are registered for rounds.</dd>"
        "<dt>Accuracy</dt><dd>The share of their own answers that members’ nodes predicted right, as reported through the same "
        "noise, with one standard error. Not measured until enough of them report.</dd>"
        "<dt>Registered</dt><dd>Participation counts are exact, and not protected: only how many were registered is shown; who "
        "they were, and how many were drawn, is not.</dd></dl>"
    )


def _plainly(chance: float) -> str:
    """Return a small chance as anyone would say it."""
    return f"1 in {round(1 / chance):,}" if chance > 0 else "0"
