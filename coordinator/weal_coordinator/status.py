"""What is going on here: one JSON object, and the same in a few lines for whoever runs the community."""

import contextlib
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

import psutil

from weal_coordinator import charters, config, keys
from weal_coordinator.community import chains as community_chains
from weal_coordinator.community.schedule import next_round
from weal_coordinator.config import Home
from weal_coordinator.errors import CoordinatorError
from weal_coordinator.federation.budget import left
from weal_coordinator.federation.supervisor import look
from weal_coordinator.store import expulsions, records, rounds, standing
from weal_coordinator.store import members as everybody
from weal_coordinator.store.database import Database
from weal_protocol import cards, record, release_log
from weal_protocol import charters as wire
from weal_protocol.chains import ExchangeCycle
from weal_protocol.errors import WealError
from weal_protocol.record import Record

MAX_RECORDS = 100_000  # of the commons, that are looked through for chains


def status(place: Home, now_ms: int) -> dict[str, Any]:
    """Read the home's state; changes nothing. now_ms: Unix time. CoordinatorError when there is no coordinator in it."""
    settings = config.read(place)
    try:
        addresses: dict[str, Any] | None = config.running(place)
    except CoordinatorError:
        addresses = None
    database = Database(config.database_url(place, settings))
    try:
        rules, edited = charters.look(place, database)
        with database.read() as connection:
            now, past = standing.look(connection), list(rounds.outcomes(connection))
        so_far, _ = look(place, database)
        rounds_left = left(database, rules)
    finally:
        database.close()
    due = next_round(so_far, rules.aggregation, now_ms, rounds_left)
    return {
        "community": rules.name,
        "charter": {"number": rules.chain.last.number, "at_ms": rules.chain.last.at_ms, "edited": edited},
        "home": str(place.root),
        "database": database.place,
        "running": addresses,
        "members": now.members,
        "tiers": now.tiers,
        "invites_open": now.invites_open,
        "records": now.records,
        "mail_waiting": now.mail_waiting,
        "rounds": past,
        "rounds_by_state": now.rounds,
        "epsilon": now.epsilon,
        "epsilon_cap": rules.aggregation.epsilon_cap,
        "delta": rules.aggregation.delta,
        "rounds_left": rounds_left,
        "every_h": rules.aggregation.every_h,
        "population_floor": rules.aggregation.population_floor,
        "last_release": _release(now),
        "next_round": {"at_ms": due.at_ms, "why": due.why, "ready": len(so_far.ready), "fault": _fault(place)},
        "processes": _processes(place, addresses),
    }


def members(place: Home) -> list[dict[str, Any]]:
    """Return everybody who is or was a member, in the order in which they came; changes nothing."""
    own = keys.load(place).agent_public
    database = Database(config.database_url(place, config.read(place)))
    try:
        with database.read() as connection:
            expelled = set(expulsions.agent_keys(connection))
            rows = everybody.ever(connection)
    finally:
        database.close()
    found = []
    for row in rows:
        card = cards.known(row.card)
        gone = "expelled" if row.agent_key in expelled else "left" if row.left else ""
        standing_ = gone or ("coordinator" if card.agent_key == own else "member")
        found.append(
            {
                "name": card.name,
                "agent_key": row.agent_key,
                "person": card.ratification_key.hex(),
                "tier": card.tier,
                "joined_ms": row.joined_ms,
                "standing": standing_,
            }
        )
    return found


def member_lines(found: list[dict[str, Any]]) -> list[str]:
    """Return what `members` found as lines for a terminal."""
    width = max((len(row["name"]) for row in found), default=0)
    return [
        f"{row['name']:<{width}}  {row['agent_key'][:16]}  {dt.datetime.fromtimestamp(row['joined_ms'] / 1_000, dt.UTC):%Y-%m-%d}  "
        f"{row['standing']}{'' if row['tier'] == 'none' else ', ' + row['tier']}"
        for row in found
    ]


def charter_chain(place: Home) -> dict[str, Any]:
    """Return every charter so far, the first first, the text in force, and what is wrong with charter.toml, "" for nothing; changes nothing."""
    database = Database(config.database_url(place, config.read(place)))
    try:
        rules, edited = charters.look(place, database)
    finally:
        database.close()
    listed = []
    for before, entry in zip((None, *rules.chain.entries), rules.chain.entries, strict=False):
        changed = wire.difference(before.text, entry.text) if before else ()
        row = {"number": entry.number, "at_ms": entry.at_ms, "sha256": entry.sha256.hex(), "difference": list(changed)}
        listed.append(row)
    draft = list(wire.difference(rules.text, charters.text(place))) if edited else []
    named = {"community": rules.community.hex(), "charters": listed}
    return named | {"text": rules.text, "edited": edited, "draft": draft}


def charter_lines(found: dict[str, Any]) -> list[str]:
    """Return what `charter_chain` found as lines for a terminal."""
    said = []
    for row in found["charters"]:
        date = f"{dt.datetime.fromtimestamp(row['at_ms'] / 1_000, dt.UTC):%Y-%m-%d}" if row["at_ms"] else "founded"
        named = ", which names the community" if not row["number"] else ""
        said.append(f"Charter {row['number']}  {date}  {row['sha256'][:16]}{named}")
        said += [f"    {line}" for line in row["difference"]]
    if found["edited"]:
        said += [f"Not in force: {found['edited']}", *(f"    {line}" for line in found["draft"])]
    return said


def chains(place: Home) -> tuple[ExchangeCycle, ...]:
    """Return the chains of help to propose and those that stand, from the commons; changes nothing."""
    database = Database(config.database_url(place, config.read(place)))
    try:
        with database.read() as connection:
            found = list(_readable(raw for _, raw in records.after(connection, 0, MAX_RECORDS)))
    finally:
        database.close()
    return community_chains.plan(found)


def _readable(raws: Iterable[bytes]) -> Iterator[Record]:
    """Yield the records among these; one that cannot be read any more costs nobody else's chain."""
    for raw in raws:
        with contextlib.suppress(WealError):
            yield record.read(raw, bodiless=True)


def lines(found: dict[str, Any], now_ms: int) -> list[str]:
    """Return what `status` found as lines for a terminal. now_ms: Unix time."""
    spent = f"epsilon {found['epsilon']:.2f} of at most {found['epsilon_cap']:g} (delta {found['delta']:g}, user level)"
    return [
        f"{found['community']}, in {found['home']}",
        *_table(
            ("Running", _running(found)),
            ("Database", found["database"]),
            ("Charter", _charter(found["charter"], now_ms)),
            ("Members", f"{found['members']}, the coordinator among them; by tier: {_counted(found['tiers'])}"),
            ("Invites", f"{found['invites_open']} open"),
            ("Commons", f"{_many(found['records'], 'record')}; {_many(found['mail_waiting'], 'letter')} waiting"),
            ("Rounds", _rounds(found, now_ms)),
            ("Next", _next(found["next_round"], now_ms)),
            ("Privacy", spent + _left(found["rounds_left"], found["every_h"])),
            ("Release", _newest(found, now_ms)),
        ),
    ]


def _table(*rows: tuple[str, str]) -> list[str]:
    return [f"  {name:<9} {value}" for name, value in rows]


def _running(found: dict[str, Any]) -> str:
    if not found["running"]:
        return f"no. Start it: weal-coordinator up --home {found['home']}"
    memory = ", ".join(f"{row['name']} {row['rss_mb']:.0f} MB" for row in found["processes"])
    return f"yes, at {found['running']['grpc']}; page {found['running']['web']}; {memory}"


def _charter(found: dict[str, Any], now_ms: int) -> str:
    changes = f"{_many(found['number'], 'change')}, the last {_age(now_ms - found['at_ms'])} ago"
    return (changes if found["number"] else "as it was founded") + (
        f"; but {found['edited']}" if found["edited"] else ""
    )


def _rounds(found: dict[str, Any], now_ms: int) -> str:
    if not found["rounds"]:
        return "none yet"
    last = found["rounds"][-1]
    refused = sum(last["refused"].values())
    told = f"{last['used']} of {last['sampled']} drawn members counted" + (f", {refused} refused" if refused else "")
    outcome = "" if last["state"] in {"open", "failed"} else f", {told}"
    age = _age(now_ms - last["opened_ms"])
    return (
        f"{_counted(found['rounds_by_state'])}; the newest, {last['number']}, began {age} ago: {last['state']}{outcome}"
    )


def _next(due: dict[str, Any], now_ms: int) -> str:
    if due["at_ms"] is None:
        told = f"none by itself: {due['why']}"
    else:
        left = due["at_ms"] - now_ms
        told = f"{'in ' + _age(left) if left > 0 else 'due now'} ({due['why']})"
    return told + (f"; the last try came to nothing: {due['fault']}" if due["fault"] else "")


def _left(rounds: int | None, every_h: float) -> str:
    if rounds is None:
        return ""
    if rounds == 0:
        return "; the budget is spent"
    weeks = rounds * every_h / 24 / 7
    return f"; {_many(rounds, 'more round')} fit{'s' if rounds == 1 else ''}" + (
        f", about {weeks:.0f} weeks of the schedule" if every_h else ""
    )


def _fault(place: Home) -> str:
    try:
        return str(json.loads(place.schedule.read_text())["fault"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _newest(found: dict[str, Any], now_ms: int) -> str:
    release = found["last_release"]
    if release is None:
        return f"none yet; nothing is released below {found['population_floor']} registered members"
    age = _age(now_ms - release["created_ms"])
    return (
        f"{release['number']}, after round {release['round']}, made {age} ago; {release['population']} were registered; "
        f"head of the log {release_log.digits(bytes.fromhex(release['head_sha256']))}"
    )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _age(milliseconds: int) -> str:
    passed = dt.timedelta(milliseconds=max(milliseconds, 0))
    if passed.days:
        return _many(passed.days, "day")
    for seconds, noun in ((3_600, "hour"), (60, "minute")):
        if passed.seconds >= seconds:
            return _many(passed.seconds // seconds, noun)
    return _many(passed.seconds, "second")


def _release(now: standing.Tally) -> dict[str, Any] | None:
    said = now.release
    if said is None:
        return None
    names = ("number", "round", "population", "epsilon", "created_ms")
    measured = {"accuracy": said.accuracy, "accuracy_sd": said.accuracy_sd} if said.accuracy_sd > 0 else {}
    told = {name: getattr(said, name) for name in names} | {"accuracy": None, "accuracy_sd": None} | measured
    return told | {"head_sha256": now.head.hex()}


def _processes(place: Home, addresses: dict[str, Any] | None) -> list[dict[str, Any]]:
    pids = {"coordinator": addresses["pid"]} if addresses else {}
    if addresses and place.superlink.exists():
        pids["superlink"] = json.loads(place.superlink.read_text())["pid"]
    rows = []
    for name, pid in pids.items():
        try:
            rows.append({"name": name, "pid": pid, "rss_mb": round(psutil.Process(pid).memory_info().rss / 1e6, 1)})
        except psutil.Error:
            continue
    return rows
