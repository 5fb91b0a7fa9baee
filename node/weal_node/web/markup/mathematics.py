"""Formulas as MathML, which a browser shows by itself; what cannot be read as one stands as it was written."""

from latex2mathml.converter import convert
from markupsafe import escape

LONGEST = 1_000  # characters of a formula that is converted
MOST = 200  # formulas of a page


def converted(formula: str, display: bool, before: int) -> str:
    """Return HTML, to be cleaned like all other. before: how many formulas of this page were shown already."""
    if len(formula) <= LONGEST and before < MOST:
        try:
            return str(convert(formula, display="block" if display else "inline"))
        except Exception:  # noqa: BLE001, S110 -- its faults have no common name, and a formula of anybody may be any text
            pass
    sign = "$$" if display else "$"
    return f"<code>{escape(sign + formula + sign)}</code>"
