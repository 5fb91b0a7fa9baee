"""Sentences that say what they are for: an open question, a goal, something to use, a limit. English patterns, no model."""

import re
from collections.abc import Iterator
from itertools import filterfalse

LONGEST = 300  # characters of a sentence that is quoted
SHORTEST = 12
_END = re.compile(r"(?<=[.!?])\s+|\n+")
_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)]|#{1,6}|>)*\s*")
_BOX = re.compile(r"^\s*[-*+]\s*\[ \]\s*")
_TODO = re.compile(r"^(?:todo|to do|open question|question)\b[:\s]*", re.IGNORECASE)
_WONDERING = re.compile(r"^(?:i wonder|we wonder|i do not know|i don't know|how (?:can|do|could|to))\b", re.IGNORECASE)
_GOAL = re.compile(
    r"\b(?:i|we) (?:want|would like|hope|plan|dream|need|wish) to\b|\b(?:my|our) (?:goal|aim|plan|dream) is\b|^(?:goal|needs):",
    re.IGNORECASE,
)
_RESOURCE = re.compile(
    r"\b(?:i|we) (?:have|own|can lend|can offer|could lend|offer) (?!to\b|been\b|no\b|not\b)"
    r"|\b(?:stands empty|is unused|is free to use|to give away|can be borrowed|you may use)\b|^(?:resource|offers):",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:must not|cannot|can't|may not|not allowed|only (?:\w+ )?(?:on|at|after|before|between|until|if|with)|at most|no more than|unless"
    r"|has to be|have to be)\b|^constraint:",
    re.IGNORECASE,
)


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a text, without list marks, blanks single; what is too short or long to quote is left out."""
    return tuple(sentence for sentence in map(_plain, _END.split(text)) if SHORTEST <= len(sentence) <= LONGEST)


def _plain(part: str) -> str:
    return " ".join(_MARK.sub("", part).split())


def questions(text: str) -> tuple[str, ...]:
    """Return what its writer does not know yet or has still to do, each once."""
    open_ones: list[str] = []
    for line in text.splitlines():
        open_box = bool(_BOX.match(line))
        for sentence in sentences(_BOX.sub("", line)):
            plain = _TODO.sub("", sentence)
            if len(plain) >= SHORTEST and (
                open_box or plain != sentence or sentence.endswith("?") or _WONDERING.match(sentence)
            ):
                open_ones.append(plain)
    return tuple(dict.fromkeys(open_ones))


def goals(text: str) -> tuple[str, ...]:
    """Return what somebody wants to reach."""
    return tuple(filter(_is_goal, _statements(text)))


def resources(text: str) -> tuple[str, ...]:
    """Return what somebody has that others might use."""
    return _without_goals(_RESOURCE, text)


def limits(text: str) -> tuple[str, ...]:
    """Return what must be kept to."""
    return _without_goals(_LIMIT, text)


def _without_goals(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """Return the sentences of this pattern that are neither goals nor questions."""
    return tuple(filter(pattern.search, filterfalse(_is_goal, _statements(text))))


def _statements(text: str) -> Iterator[str]:
    return (sentence for sentence in sentences(text) if not sentence.endswith("?"))


def _is_goal(sentence: str) -> bool:
    return _GOAL.search(sentence) is not None
