"""Closed where it stands: a wish after which its writer put that it is done, dropped or missed."""

import re

_DONE = (
    r"(?:done|did(?: it| that| not|n['’]t)?|never did|bought|got (?:it|one|them)|sent|booked|paid|sold|finished|sorted|fixed|cancell?ed|credited|handed in|called|rang|told (?:her|him|them)"
    r"|went|missed(?: it)?|too late|never ?mind|no longer(?: needed)?|not any ?more|dropped|passed|gone|over|forget it|gave it up|decided against|erledigt|gemacht|getan|gekauft|bezahlt"
    r"|hinfällig|zu spät|nicht mehr|doch nicht|hecho|ya está|comprado|pagado|fait|trop tard)"
)
_EDIT = r"(?:(?:edit|update|upd|nachtrag)\b:?|(?:later|ps|p\.s\.):)"
_AFTER = re.compile(
    rf"(?:(?:->|<-|=>|→|⇒|\()\s*(?:{_EDIT}\s+)?(?:{_DONE}|ok|yes|no|nope)(?=\s*(?:[.,;:!?)]|$|\d|(?:it|that|on|in|by|last|two|yesterday|today)\b))"  # an arrow, a bracket
    rf"|(?:[.!?;]|\s[–—-]{{1,2}})\s+(?:{_EDIT}\s+)?{_DONE}(?: it| that| on \w+| \d\S*| \w+day| (?:\w+ ){{1,3}}ago)?\s*(?:[.!;)]|$)"  # a sentence of its own
    r"|,\s+(?:did(?: not|n['’]t)?|done|missed it|too late|never did)(?=[\s.;!?)]|$)"
    rf"|\b{_EDIT}[^.:]{{0,24}}\b{_DONE}\b|[✓✔☑✅❌]|~~)",
    re.IGNORECASE,
)
_BELOW = re.compile(
    rf"^\W{{0,3}}(?:{_EDIT}[^.:]{{0,24}}\b{_DONE}\b|{_DONE}(?: it| that| on \w+| \d\S*| \w+day| (?:\w+ ){{1,3}}ago)?\s*(?:[.!;,)]|$))",
    re.IGNORECASE,
)
_ARROW = re.compile(r"->|<-|=>|→|⇒")


def closed(from_there: str, below: str = "") -> bool:
    """Whether a line, from a wish on, or the line right below closes it: "→ done 17.6", "(did)", "edit: didn't", a tick, words struck out."""
    return bool(_AFTER.search(from_there) or _BELOW.match(below))


def before_arrow(text: str) -> str:
    """Return what stands before an arrow: after it stands what came of it."""
    return _ARROW.split(text, maxsplit=1)[0].rstrip()
