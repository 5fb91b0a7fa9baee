"""Compose: a note out of the fields that a person filled in, on the page or on the command line."""

from collections.abc import Mapping

from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.vault import markdown, prose, readers
from weal_node.vault.rules import Rules
from weal_protocol.errors import WealError

MAX_TITLE = 200  # characters
MAX_LICENCE = 80  # characters
MAX_LINES = 32  # needs or offers of one note
NO_FRONT = "Title, readers, needs and offers have fields of their own: take the lines out. A line across is written ***"


def unsaid(alone: bool) -> Visibility:
    """Return who may read a new note of which neither person nor folder has said it: alone nobody else, in a community everybody."""
    return Visibility.PRIVATE if alone else Visibility.PUBLIC


def composed(
    fields: Mapping[str, str],
    before: Note | None,
    rules: Rules | None = None,
    otherwise: Visibility = Visibility.PRIVATE,
) -> Note:
    """Return the note that these fields describe; what they do not show (path, tags) stays as it was. WealError for what is no note.

    A new note that does not say who may read it follows its folder's default, else `otherwise`; one whose text seems to keep
    others out is private."""
    body = prose.ended(fields.get("body", ""), before.body if before else "")
    check_body(body, before)
    title = " ".join(fields.get("title", "").split())[:MAX_TITLE] or _first_line(body)
    if not title:
        raise WealError("the note is empty", "Give it a title or a text")
    folder = fields.get("folder", "").strip().strip("/")
    start = before or Note("", f"{folder}/" if folder else "", "", "", otherwise)
    default = Visibility.PRIVATE if readers.in_words(body) else rules.nearest(f"{start.path}x") if rules else None
    try:
        visibility = Visibility(fields.get("visibility") or default or otherwise)
    except ValueError:
        raise WealError("visibility is public, community or private", "Choose one of them") from None
    return Note(
        id=start.id,
        path=start.path,
        title=title,
        body=body,
        visibility=visibility,
        needs=lines(fields["needs"]) if "needs" in fields else start.needs,
        offers=lines(fields["offers"]) if "offers" in fields else start.offers,
        tags=start.tags,
        keen=start.keen,
        licence=" ".join(fields["licence"].split())[:MAX_LICENCE] if "licence" in fields else start.licence,
        aliases=start.aliases,
        warnings=start.warnings,
        properties=start.properties,
    )


def _first_line(body: str) -> str:
    """Return the first line that has a letter or a digit, else the first that has anything; "" for an empty text."""
    first = ""
    for line in body.splitlines():
        line = line.lstrip("# ").strip()
        first = first or line
        if any(map(str.isalnum, line)):
            return line[:MAX_TITLE]
    return first[:MAX_TITLE]


def typed(fields: Mapping[str, str], before: Note | None) -> Note:
    """Return what the fields hold as a draft, word for word, whether it is a note or not."""
    chosen = fields.get("visibility", "")
    return Note(
        id=before.id if before else "",
        path=before.path if before else fields.get("folder", ""),
        title=fields.get("title", ""),
        body=fields.get("body", "").replace("\r\n", "\n"),
        visibility=Visibility(chosen) if chosen in set(Visibility) else Visibility.PRIVATE,
        needs=tuple(fields.get("needs", "").splitlines()),
        offers=tuple(fields.get("offers", "").splitlines()),
        licence=fields.get("licence", ""),
    )


def check_body(body: str, before: Note | None) -> None:
    """Refuse front matter in the text of a note: saved below our own, it would be words that everyone reads. VaultError says where it
    is malformed, or that it has no place here. A text that began with a line across before may go on so."""
    if before is not None and (
        before.broken or before.body.startswith(markdown.FENCE) or markdown.pretended(before.body)
    ):
        return
    try:
        document = markdown.split(f"{body}\n", "the text")
        markdown.fields(document.front, "the text")
    except VaultError as fault:
        raise VaultError(fault.what, NO_FRONT) from fault
    if document.closing:
        raise VaultError("the text begins with front matter", NO_FRONT)


def lines(text: str) -> tuple[str, ...]:
    """Return the non-empty lines, trimmed; WealError for more than a note has."""
    trimmed = tuple(filter(None, map(str.strip, text.splitlines())))
    if len(trimmed) > MAX_LINES:
        raise WealError(f"a note has at most {MAX_LINES} needs and as many offers", "Split the note")
    return trimmed
