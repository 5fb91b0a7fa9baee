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
HINT = "Write one thing a line, like: piano lessons (you give): 0, 1, 2"


def lines(of: OptionSpace, names: Sequence[str]) -> str:
    """Return the text of a space. names: of the parties, by place; this person's own is "you"."""
    return "\n".join(_line(issue, names) for issue in of.issues)


def read(text: str, of: OptionSpace, names: Sequence[str]) -> OptionSpace:
    """Return the space with the issues that the text names; MalformedError says which line is wrong."""
    found = [_issue(line.strip(), names) for line in text.splitlines() if line.strip()]
    if not 1 <= len(found) <= MAX_ISSUES or len({issue.name for issue in found}) != len(found):
        raise MalformedError(f"a deal is about 1 to {MAX_ISSUES} different things", HINT)
    edited = OptionSpace(of.parties, of.subject, tuple(found), of.sources)
    if edited.size > MAX_JUDGED:
        raise MalformedError(f"these options make more than {MAX_JUDGED} outcomes", "Leave some out")
    return edited


def outcome(of: OptionSpace, option: Sequence[int], names: Sequence[str]) -> str:
    """Return one outcome as its person reads it: between two, what they give and get; among more, who gives what to whom."""
    if len(names) == 2:
        return state(of, tuple(option), names.index("you")).text
    given: dict[str, list[str]] = {}
    rest = []
    for issue, chosen in zip(of.issues, option, strict=True):
        value = issue.values[chosen]
        if issue.giver is None:
            rest.append(f"{issue.name}: {value}")
            continue
        gifts = given.setdefault(between(issue, names), [])
        gifts += [hours(issue, value)] if float(value) else []
    told = [f"{who} {' and '.join(gifts) or 'nothing'}" for who, gifts in given.items()]
    text = "; ".join((*told, *rest)) + "."
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
    found = _LINE.fullmatch(line)
    parties = _BETWEEN.fullmatch(found["between"]) if found is not None and found["between"] is not None else None
    if found is None or not found["name"].strip() or (parties is None and found["between"] is not None):
        raise MalformedError(f"this line cannot be read: {line[:60]!r}", HINT)
    giver, taker = (_party(parties[end] if parties else None, names) for end in ("giver", "taker"))
    parts = re.split(r"[;,]" if giver is not None or ";" not in found["values"] else ";", found["values"])
    values = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not values:
        raise MalformedError(f"this line names nothing to choose from: {line[:60]!r}", HINT)
    if giver is not None and not all(re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]+)?", value) for value in values):
        raise MalformedError(f"what somebody gives is in hours: {line[:60]!r}", HINT)
    return Issue(found["name"].strip(), values, giver, taker)


def _party(name: str | None, names: Sequence[str]) -> int | None:
    if name is None:
        return None
    if name not in names:
        raise MalformedError(f"{name!r} is not in this deal", f"Name one of: {', '.join(names)}")
    return names.index(name)
