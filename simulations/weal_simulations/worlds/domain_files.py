"""Domains read from JSON files, each checked issue by issue before anybody bargains in it.

A file holds {"name", "issues": [{"name", "values": [...]}], "ufuns": [{"name", "reserved", "bias", "contrib": [[per value of
issue 1], ...]}]}: a party's utility is its bias and the sum of its contributions, in any unit and of any sign. `bias` and `reserved` are 0 where they are left out or null.
What a deal's space may hold is the node's own law (negotiation/space.py); JSON that has neither issues nor ufuns is something else that lies there, and is left alone.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from weal_node.negotiation.space import MAX_ISSUES, MAX_OUTCOMES, MAX_VALUES
from weal_node.negotiation.utility import sum_over
from weal_protocol.deal import MAX_PARTIES
from weal_protocol.errors import WealError
from weal_simulations.worlds.domains import Domain

LARGEST = 1e9  # of a number, without sign: products of twelve parties' gains stay finite
NEXT_STEP = "Mend the file or take it out of the folder; simulations/README.md shows the form"


class _WrongError(ValueError):
    """What is wrong with a file, in words; `read` says which file."""


def read(folder: Path) -> tuple[Domain, ...]:
    """Return the domains of a folder, by file name; WealError names the file, what is wrong with it and the next step."""
    if not folder.is_dir():
        raise WealError(f"{folder} is not a folder", "Name a folder with JSON files")
    found = []
    for file in sorted(folder.glob("*.json")):
        try:
            held = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(held, dict) and ("ufuns" in held or "issues" in held):
                found.append(_domain(held, file.stem))
        except _WrongError as fault:
            raise WealError(f"{file.name} is not a domain: {fault}", NEXT_STEP) from None
        except (OSError, ValueError, RecursionError) as fault:
            raise WealError(f"{file.name} cannot be read as JSON: {fault}", NEXT_STEP) from fault
    if not found:
        raise WealError(f"there are no domains in {folder}", "Name a folder with JSON files")
    return tuple(found)


def _domain(held: dict[str, Any], stem: str) -> Domain:
    sizes = _sizes(held.get("issues"))
    ufuns = held.get("ufuns")
    if not isinstance(ufuns, list) or not 2 <= len(ufuns) <= MAX_PARTIES:
        have = len(ufuns) if isinstance(ufuns, list) else "no list"
        raise _WrongError(f"a deal has 2 to {MAX_PARTIES} parties, one ufun each, and there is {have}")
    read_ones = [_ufun(one, sizes, f"ufun {number}") for number, one in enumerate(ufuns, start=1)]
    utilities = np.stack([bias + sum_over([np.array(part) for part in parts]) for bias, _, parts in read_ones], 1)
    return Domain(str(held.get("name") or stem), sizes, utilities, np.array([reserved for _, reserved, _ in read_ones]))


def _sizes(issues: object) -> tuple[int, ...]:
    """Return how many values each issue has."""
    if not isinstance(issues, list) or not 1 <= len(issues) <= MAX_ISSUES:
        have = len(issues) if isinstance(issues, list) else "no list"
        raise _WrongError(f"a deal has 1 to {MAX_ISSUES} issues, and there is {have}")
    sizes = []
    for number, issue in enumerate(issues, start=1):
        values = issue.get("values") if isinstance(issue, dict) else None
        if not isinstance(values, list) or not 1 <= len(values) <= MAX_VALUES:
            have = len(values) if isinstance(values, list) else "no list"
            raise _WrongError(f"issue {number} needs 1 to {MAX_VALUES} values, and has {have}")
        sizes.append(len(values))
    if math.prod(sizes) > MAX_OUTCOMES:
        raise _WrongError(f"there are {math.prod(sizes)} outcomes, of which agents search at most {MAX_OUTCOMES}")
    return tuple(sizes)


def _ufun(one: object, sizes: tuple[int, ...], where: str) -> tuple[float, float, list[list[float]]]:
    """Return bias, reserved and contributions, per issue and value."""
    contrib = one.get("contrib") if isinstance(one, dict) else None
    if not isinstance(one, dict) or not isinstance(contrib, list) or len(contrib) != len(sizes):
        have = len(contrib) if isinstance(contrib, list) else "none"
        raise _WrongError(f"{where} needs one list of contributions an issue, {len(sizes)}, and has {have}")
    parts = []
    for number, (part, size) in enumerate(zip(contrib, sizes, strict=True), start=1):
        if not isinstance(part, list) or len(part) != size:
            have = len(part) if isinstance(part, list) else "no list"
            raise _WrongError(
                f"{where} needs a contribution for each of the {size} values of issue {number}, and has {have}"
            )
        parts.append([_number(value, f"a contribution of {where} to issue {number}") for value in part])
    bias, reserved = (
        0.0 if one.get(name) is None else _number(one[name], f"{name} of {where}") for name in ("bias", "reserved")
    )
    return bias, reserved, parts


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:  # nor NaN
        raise _WrongError(f"{what} must be a number between -1e9 and 1e9, and is {str(value)[:40]}")
    return float(value)
