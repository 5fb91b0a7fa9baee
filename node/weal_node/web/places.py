"""Places: the five pages that every page leads to, and what lies under each of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One of the five in the bar. icon: its drawing in icons.html.  under: how the addresses begin of the pages that belong to it."""

    name: str
    address: str
    icon: str
    under: tuple[str, ...]


PLACES = (
    Place("Today", "/today", "sun", ("/today",)),
    Place("Notes", "/notes", "note", ("/notes", "/topics", "/people", "/search", "/ask", "/look")),
    Place("Mirror", "/mirror", "idea", ("/mirror", "/teach", "/answers", "/items", "/vocabulary")),
    Place("Deals", "/deals", "swap", ("/deals",)),
    Place("Community", "/community", "people", ("/community",)),
)
PRIVACY = ("/privacy", "/models")  # how the addresses begin that belong to the shield
ASK = "/ask"  # where the box on every page leads


def current(path: str) -> str:
    """Return the name of the place that a page belongs to, "Privacy" for those under the shield; "" for none."""
    for place in PLACES:
        if path.startswith(place.under):
            return place.name
    return "Privacy" if path.startswith(PRIVACY) else ""
