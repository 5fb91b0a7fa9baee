"""What of a file leaves: all of it but the remarks that its writer made for themself."""

from dataclasses import replace

from weal_node.vault import comments, markdown


def outgoing(raw: bytes, path: str) -> bytes:
    """Return a note's file (UTF-8) as others may have it; lines keep their numbers."""
    text = raw.decode()
    if not comments.has(text):
        return raw
    document = markdown.apart(text, path).document
    front, body = comments.outgoing(document.front), comments.without(document.body)
    return replace(document, front=front, body=body).text.encode()
