"""Compose: the note that a form or a command describes, and why it describes none."""

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
    fields: dict[str, str],
    before: Note | None,
    rules: Rules | None = None,
    otherwise: Visibility = Visibility.PRIVATE,
) -> Note:
    """Return the note that a form describes; what the form does not show (path, tags) stays as it was.

    A new note that does not say who may read it follows its folder's default, else `otherwise`; one whose text seems to keep
    others out is private."""
    title = " ".join(fields.get("title", "").split())[:MAX_TITLE]
    body = prose.ended(fields.get("body", ""), before.body if before else "")
    check_body(body, before)
    if not title:
        written = [line.lstrip("# ").strip() for line in body.splitlines()]
        worded = (line for line in written if any(letter.isalnum() for letter in line))
        title = next(worded, next((line for line in written if line), ""))[:MAX_TITLE]
    if not title:
        raise WealError("the note is empty", "Give it a title or a text")
    folder = fields.get("folder", "").strip().strip("/")
    path = before.path if before else f"{folder}/" if folder else ""
    default = Visibility.PRIVATE if readers.in_words(body) else rules.nearest(f"{path}x") if rules else None
    try:
        visibility = Visibility(fields.get("visibility") or default or otherwise)
    except ValueError:
        raise WealError("visibility is public, community or private", "Choose one of them") from None
    return Note(
        id=before.id if before else "",
        path=path,
        title=title,
        body=body,
        visibility=visibility,
        needs=lines(fields.get("needs", "")) if "needs" in fields or before is None else before.needs,
        offers=lines(fields.get("offers", "")) if "offers" in fields or before is None else before.offers,
        tags=before.tags if before else (),
        keen=before.keen if before else 0,
        licence=" ".join(fields["licence"].split())[:MAX_LICENCE]
        if "licence" in fields
        else before.licence
        if before
        else "",
        aliases=before.aliases if before else (),
        warnings=before.warnings if before else (),
        properties=before.properties if before else (),
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
    """Return the non-empty lines, trimmed."""
    found = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(found) > MAX_LINES:
        raise WealError(f"a note has at most {MAX_LINES} needs and as many offers", "Split the note")
    return found
