"""Addresses: where each thing that was found is read on the node's page, and an answer to a search as JSON."""

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from weal_node.search.service import Hit
from weal_node.text.query import Query


def as_json(query: Query, hits: tuple[Hit, ...]) -> dict[str, Any]:
    """Return the answer: {"query", "hits": [each with its place and its snippet as text]}."""
    listed = []
    for hit in hits:
        snippet = "".join(text for text, _ in hit.snippet)
        listed.append(asdict(hit) | {"snippet": snippet, "place": place(hit)})
    return {"query": query.text, "hits": listed} | ({"said": query.wordless} if query.wordless else {})


def place(hit: Hit) -> str:
    """Return the address at which a hit is read, at the passage that was found: as a text fragment (WICG, "URL Fragment Text
    Directives"), which a browser that knows none of it takes for the page's beginning."""
    return beside(at(hit.kind, hit.author, hit.note, hit.path), hit.kind, hit.near)


def beside(address: str, kind: str, words: str) -> str:
    """Return an address at the place where these words stand."""
    return f"{address}#:~:text={quote(words, safe='').replace('-', '%2D')}" if words and kind != "item" else address


def at(kind: str, author: str, note: str, path: str) -> str:
    """Return the address of an item (its path is its id), a note of this person, or another's note."""
    if kind == "item":
        return f"/items/{path}"
    return f"/people/{author}/notes/{note}" if author else f"/notes/{note}"
