"""What of a file leaves: all of it but the remarks that its writer made for themself."""

import re
from dataclasses import replace

from weal_node.errors import VaultError
from weal_node.vault import comments, markdown

_OF_YAML = re.compile(r"(?:^[ \t]*+|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)
MOST_TRIED = 16  # signs looked at one by one; each costs a reading of the front matter


def outgoing(raw: bytes, path: str) -> bytes:
    """Return a note's file (UTF-8) as others may have it; lines keep their numbers."""
    text = raw.decode()
    remarks = comments.has(text)
    if not remarks and "#" not in text[: markdown.MAX_FRONT_BYTES]:
        return raw
    parts = markdown.apart(text, path)
    document = parts.document
    front, body = _plain(document.front, parts.known, path), document.body
    if remarks:
        front, body = comments.outgoing(front), comments.without(body)
    return replace(document, front=front, body=body).text.encode()


def _plain(front: str, known: object, path: str) -> str:
    """Return front matter without what YAML takes for a comment; one stays where front matter would then say something else, for a
    sign in words is none."""
    signs = list(_OF_YAML.finditer(front))
    without = _OF_YAML.sub("", front)
    if not signs or _says(without, path, known):
        return without
    for sign in reversed(signs[-MOST_TRIED:]):
        shorter = front[: sign.start()] + front[sign.end() :]
        if _says(shorter, path, known):
            front = shorter
    return front


def _says(front: str, path: str, known: object) -> bool:
    try:
        return markdown.fields(front, path) == known
    except VaultError:
        return False
