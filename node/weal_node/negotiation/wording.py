"""A deal in words. Its space as lines that a person can edit: a thing to settle, who gives it to whom, and what it could be.

piano lessons (you give): 0, 1, 2
bicycle repair (Bob gives): 0, 1, 2
dog walking (Bob gives Cleo): 0, 1
when: on a weekday evening; on Saturday
"""

import re
from collections.abc import Sequence

from weal_node.negotiation.space import MAX_ISSUES, MAX_JUDGED, Issue, OptionSpace, state
from weal_protocol.errors import MalformedError

_LINE = re.compile(r"(?P<name>[^():]++)(?:\((?P<between>[^:]*)\)\s*)?:(?P<values>.+)", re.DOTALL)
_BETWEEN = re.compile(r"(?P<giver>.+?) gives?(?: (?P<taker>.+))?", re.DOTALL)
_HOURS = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
HINT = "Write one thing a line, like: piano lessons (you give): 0, 1, 2"


def lines(options: OptionSpace, names: Sequence[str]) -> str:
    """Return the text of a space. names: of the parties, by place; this person's own is "you"."""
    return "\n".join(_line(issue, names) for issue in options.issues)


def read(text: str, options: OptionSpace, names: Sequence[str]) -> OptionSpace:
    """Return the space with the issues that the text names; MalformedError says which line is wrong."""
    issues = [_issue(line.strip(), names) for line in text.splitlines() if line.strip()]
    different = {issue.name for issue in issues}
    if not 1 <= len(issues) <= MAX_ISSUES or len(different) != len(issues):
        raise MalformedError(f"a deal is about 1 to {MAX_ISSUES} different things", HINT)
    edited = OptionSpace(options.parties, options.subject, tuple(issues), options.sources)
    if edited.size > MAX_JUDGED:
        raise MalformedError(f"these options make more than {MAX_JUDGED} outcomes", "Leave some out")
    return edited


def outcome(options: OptionSpace, option: Sequence[int], names: Sequence[str]) -> str:
    """Return one outcome as its person reads it: between two, what they give and get; among more, who gives what to whom."""
    if len(names) == 2:
        return state(options, tuple(option), names.index("you")).text
    given: dict[str, list[str]] = {}
    rest = []
    for issue, chosen in zip(options.issues, option, strict=True):
        value = issue.values[chosen]
        if issue.giver is None:
            rest.append(f"{issue.name}: {value}")
            continue
        gifts = given.setdefault(between(issue, names), [])
        gifts += [hours(issue, value)] if float(value) else []
    parts = [f"{who} {' and '.join(gifts) or 'nothing'}" for who, gifts in given.items()]
    text = "; ".join((*parts, *rest)) + "."
    return "Y" + text[1:] if text.startswith("you ") else text


def between(issue: Issue, names: Sequence[str]) -> str:
    """Return who gives a thing, and to whom where there are more than two: "you give", "Bob gives Cy"."""
    if issue.giver is None:
        raise ValueError("nobody gives this")
    verb = "give" if names[issue.giver] == "you" else "gives"
    to = "" if len(names) == 2 else " everyone" if issue.taker is None else f" {names[issue.taker]}"
    return f"{names[issue.giver]} {verb}{to}"


def hours(issue: Issue, value: str) -> str:
    """Return so many hours of a thing in words."""
    return f"{value} hour{'' if value == '1' else 's'} of {issue.name}"


def _line(issue: Issue, names: Sequence[str]) -> str:
    if issue.giver is None:
        return f"{issue.name}: {'; '.join(issue.values)}"
    verb = "give" if names[issue.giver] == "you" else "gives"
    to = f" {names[issue.taker]}" if issue.taker is not None and len(names) > 2 else ""
    return f"{issue.name} ({names[issue.giver]} {verb}{to}): {', '.join(issue.values)}"


def _issue(line: str, names: Sequence[str]) -> Issue:
    match = _LINE.fullmatch(line)
    between_whom = match["between"] if match else None
    parties = _BETWEEN.fullmatch(between_whom) if between_whom is not None else None
    if match is None or not match["name"].strip() or (parties is None and between_whom is not None):
        raise MalformedError(f"this line cannot be read: {line[:60]!r}", HINT)
    giver = _party(parties["giver"] if parties else None, names)
    taker = _party(parties["taker"] if parties else None, names)
    parts = re.split(r"[;,]" if giver is not None or ";" not in match["values"] else ";", match["values"])
    values = tuple(dict.fromkeys(filter(None, map(str.strip, parts))))
    if not values:
        raise MalformedError(f"this line names nothing to choose from: {line[:60]!r}", HINT)
    if giver is not None and not all(map(_HOURS.fullmatch, values)):
        raise MalformedError(f"what somebody gives is in hours: {line[:60]!r}", HINT)
    return Issue(match["name"].strip(), values, giver, taker)


def _party(name: str | None, names: Sequence[str]) -> int | None:
    if name is None:
        return None
    if name not in names:
        raise MalformedError(f"{name!r} is not in this deal", f"Name one of: {', '.join(names)}")
    return names.index(name)
