"""Templates: files among others of their kind whose head is still to be filled in by an editor. They are private, and no fault. Pure."""

import re

from weal_node.vault.head import LOOKED_AT

# What editors and people call such a folder; a part of one name is enough ("99 Templates", "_templates").
FOLDERS = (
    "template",
    "vorlage",
    "plantilla",
    "modèle",
    "modelo",
    "modelli",
    "sjabloon",
    "szablon",
    "mallar",
    "шаблон",
    "模板",
    "テンプレート",
)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,200}\}\}|<%[^\n]{0,400}?%>|<%[*_-]")


def is_one(path: str, text: str) -> bool:
    """Whether a file whose head cannot be read is a template: by its folder, and by what stands for words to come."""
    folders = path.casefold().rpartition("/")[0]
    return any(name in folders for name in FOLDERS) and _PLACEHOLDER.search(text[:LOOKED_AT]) is not None
