"""A study as one HTML file that needs nothing else: tables, and plots drawn as SVG where a row has a number to plot along."""

import html
from collections.abc import Iterable, Sequence

from weal_simulations.bench.study import Floor, Row, Study

ALONG = ("k", "n", "labels", "states")  # keys that are an axis
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 56, 40
SMALL = 0.0005  # what three decimals would show as nothing
COLOURS = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#be185d", "#65a30d")
STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:.85rem;display:block;overflow-x:auto}td,th{padding:.2rem .6rem;border-bottom:1px solid #8884;text-align:right}
td:first-child,th:first-child{text-align:left}figure{margin:1.5rem 0}svg{width:100%;height:auto}text{fill:currentColor;font:12px system-ui,sans-serif}.missed{color:#dc2626;font-weight:600}"""


def measures(row: Row) -> tuple[str, ...]:
    """Return the names of a row's measures: those with an interval."""
    return tuple(key for key in row if f"{key}_low" in row)


def groups(rows: Sequence[Row]) -> dict[tuple[str, ...], list[Row]]:
    """Return rows that can share a table, by the columns they have."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        keys = tuple(key for key in row if not key.endswith(("_low", "_high")))
        found.setdefault(keys, []).append(row)
    return found


def cell(row: Row, key: str) -> str:
    """Return a cell's text; a measure with half the width of its interval, or with both ends where it lies askew."""
    value = row[key]
    if not isinstance(value, float):
        return str(value)
    if value != value:
        return "–"  # not known
    low, high = row.get(f"{key}_low"), row.get(f"{key}_high")
    if not isinstance(low, float) or not isinstance(high, float) or low != low or high != high:
        return _number(value)
    if abs((high - value) - (value - low)) > 0.01 * (high - low) + 1e-12:
        return f"{_number(value)} ({_number(low)} to {_number(high)})"
    return f"{value:.3f} ±{high - value:.3f}" if abs(value) >= SMALL or not value else _number(value)


def standing(floor: Floor) -> tuple[str, str, str]:
    """Return what a floor's line says: the value, what was promised, and whether it is met, or why that is not known."""
    value = "–" if floor.lacking else f"{floor.value:.4g}"
    met = floor.lacking or ("yes" if floor.met else "NO")
    return value, f"{'at least' if floor.at_least else 'at most'} {floor.floor:g}", met


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) >= SMALL or not value else f"{value:.1e}"


def page(study: Study) -> str:
    """Return the report of a study."""
    body = [
        f"<h1>{html.escape(study.name)}</h1><p>Seed {study.seed}. Intervals are 95% over people.</p>",
        _floors(study),
    ]
    for keys, rows in groups(study.rows).items():
        axis = next((key for key in keys if key in ALONG), None)
        if axis is not None:
            body += [_figure(axis, name, group) for group in _split(rows, keys, axis) for name in measures(group[0])]
        body.append(_table(keys, rows))
    title = html.escape(study.name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style>{''.join(body)}</html>\n"
    )


def _floors(study: Study) -> str:
    if not study.floors:
        return ""
    lines = [
        f"<tr{'' if one.met else ' class=missed'}>{''.join(f'<td>{html.escape(cell)}</td>' for cell in (one.name, *standing(one)))}</tr>"
        for one in study.floors
    ]
    return f"<table><tr><th>floor</th><th>value</th><th>promised</th><th>met</th></tr>{''.join(lines)}</table>"


def _table(keys: Sequence[str], rows: Iterable[Row]) -> str:
    head = "".join(f"<th>{html.escape(key)}</th>" for key in keys)
    lines = ["".join(f"<td>{html.escape(cell(row, key))}</td>" for key in keys) for row in rows]
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _split(rows: Sequence[Row], keys: Sequence[str], axis: str) -> list[list[Row]]:
    """Return rows by every key that is neither the method, the axis nor a measure: one figure each."""
    named = set(measures(rows[0]))
    others = [key for key in keys if key not in named and key not in {"method", axis}]
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in others), []).append(row)
    return list(found.values())


def _figure(axis: str, name: str, rows: Sequence[Row]) -> str:
    """Draw one measure along an axis whose values stand at equal distances, a line with its interval for each method."""
    places = sorted({float(row[axis]) for row in rows})
    numbers = [float(row[f"{name}{end}"]) for row in rows for end in ("_low", "", "_high")]
    known = [number for number in numbers if number == number]
    if not known or len(places) < 2:
        return ""
    low, high = min(known), max(known)
    high = high if high > low else low + 1.0

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - 130) * places.index(value) / (len(places) - 1)

    def y(value: float) -> float:
        return (HEIGHT - BOTTOM) - (HEIGHT - BOTTOM - 16) * (value - low) / (high - low)

    marks = [f'<text x="{x(p):.0f}" y="{HEIGHT - 20}" text-anchor="middle">{p:g}</text>' for p in places]
    for step in range(5):
        value = low + (high - low) * step / 4
        marks.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 130}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#8884"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>'
        )
    methods = list(dict.fromkeys(str(row["method"]) for row in rows))
    for number, method in enumerate(methods):
        mine = sorted((row for row in rows if row["method"] == method), key=lambda row: float(row[axis]))
        drawn = [(x(float(row[axis])), row) for row in mine if float(row[name]) == float(row[name])]
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(f"{at:.1f},{y(float(row[name])):.1f}" for at, row in drawn)
        marks.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(float(row[name + "_low"])):.1f}" y2="{y(float(row[name + "_high"])):.1f}" stroke="{colour}"/>'
            for at, row in drawn
            if float(row[name + "_low"]) == float(row[name + "_low"])
        ]
        marks.append(
            f'<rect x="{WIDTH - 120}" y="{14 + 18 * number}" width="10" height="10" fill="{colour}"/>'
            f'<text x="{WIDTH - 104}" y="{23 + 18 * number}">{html.escape(method)}</text>'
        )
    where = ", ".join(
        f"{key} {rows[0][key]}" for key in rows[0] if key not in {"method", axis} and isinstance(rows[0][key], str)
    )
    title = html.escape(f"{name} along {axis}" + (f" ({where})" if where else ""))
    marks.append(f'<text x="{(LEFT + WIDTH - 130) / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{axis}</text>')
    return f'<figure><figcaption>{title}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">{"".join(marks)}</svg></figure>'
