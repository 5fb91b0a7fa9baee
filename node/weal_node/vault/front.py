"""Front matter of the plain kind, read without a YAML parser: twenty times faster, and the same by a law in the tests.

Only what is one way in every YAML is read here: `key: words`, `key: "text"`, `key: [a, b]` and lists of words below a key. Anything
else is left to the parser.
"""

import json
import re

Front = dict[str, str | list[str] | None]

_PLAIN = r"[A-Za-z0-9_/][\w/.+()-]*(?:[ ][\w/.+()-]+)*"
_KEY = re.compile(r"([A-Za-z_][\w-]*):(?: +(\S.*))?", re.ASCII)
_WORDS = re.compile(_PLAIN)
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\\["\\/nt])*"')
_FLOW = re.compile(rf"\[ ?(?:{_PLAIN}(?:, ?{_PLAIN})*)? ?\]")
_ITEM = re.compile(r"(?:  )?- +(\S.*)")
_NOTHING = {"null", "Null", "NULL"}


def plain(front: str) -> Front | None:
    """Return the mapping, or None where a YAML parser has to look."""
    front_matter: Front = {}
    lines = front.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    at = 0
    while at < len(lines):
        line = lines[at]
        key = _KEY.fullmatch(line)
        if key is None or key[1] in _NOTHING or key[1] in front_matter:
            return None
        at += 1
        if key[2] is not None:
            value = _flow(key[2]) if key[2].startswith("[") else _scalar(key[2])
            if value is None and key[2] not in _NOTHING:
                return None
            front_matter[key[1]] = value
            if at < len(lines) and lines[at][:1] in (" ", "-"):
                return None  # the value goes on
            continue
        items: list[str] = []
        indent = lines[at].startswith("  ") if at < len(lines) else False
        while at < len(lines) and (item := _ITEM.fullmatch(lines[at])):
            entry = _scalar(item[1])
            if entry is None or lines[at].startswith("  ") != indent:
                return None
            items.append(entry)
            at += 1
        front_matter[key[1]] = items or None
    return front_matter


def _scalar(text: str) -> str | None:
    if _QUOTED.fullmatch(text):
        return str(json.loads(text))
    return text if _WORDS.fullmatch(text) and text not in _NOTHING else None


def _flow(text: str) -> list[str] | None:
    if not _FLOW.fullmatch(text):
        return None
    items = list(map(str.strip, text[1:-1].split(",")))
    return [] if items == [""] else None if _NOTHING & set(items) else items
