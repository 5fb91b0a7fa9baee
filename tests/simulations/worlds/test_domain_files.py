"""Domains in files: the form is checked issue by issue, and whatever is lawful can be bargained in and measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from weal_protocol.errors import WealError
from weal_simulations.studies.negotiation import bargaining
from weal_simulations.worlds import domain_files, domains

UFUN: dict[str, Any] = {"name": "a", "reserved": 0.2, "bias": 0.1, "contrib": [[0.0, 0.5], [0.0, 0.1, 0.4]]}
ISSUES = [{"name": "x", "values": ["p", "q"]}, {"name": "y", "values": ["1", "2", "3"]}]
MEASURES = {f"{name}{end}" for name in bargaining.MEASURES for end in ("", "_low", "_high")}


def held(folder: Path, **changes: object) -> Path:
    """A folder with one domain."""
    (folder / "some.json").write_text(json.dumps({"name": "small", "issues": ISSUES, "ufuns": [UFUN, UFUN]} | changes))
    return folder


def test_a_domain_is_read_and_what_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(json.dumps({"small": 6}))
    (found,) = domain_files.read(held(tmp_path))
    assert (found.name, found.sizes) == ("small", (2, 3))
    assert found.utilities[:, 0] == pytest.approx([0.1, 0.2, 0.5, 0.6, 0.7, 1.0])
    assert found.reserved.tolist() == [0.2, 0.2]
    (plain,) = domain_files.read(held(tmp_path, ufuns=[{"contrib": UFUN["contrib"], "bias": None}] * 2))
    assert (plain.utilities[0, 0], plain.reserved[0]) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"issues": []}, "1 to 16 issues"),
        ({"issues": [ISSUES[0], {"name": "y", "values": []}]}, "issue 2 needs 1 to 2048 values, and has 0"),
        ({"issues": None}, "1 to 16 issues"),
        ({"issues": [{"values": [1, 2]}] * 18}, "there is 18"),
        ({"issues": [{"values": [0] * 2_000}] * 2}, "4000000 outcomes"),
        ({"issues": ["x", "y"]}, "issue 1 needs"),
        ({"ufuns": [UFUN]}, "2 to 12 parties"),
        ({"ufuns": [UFUN] * 13}, "there is 13"),
        ({"ufuns": {"a": 1}}, "no list"),
        ({"ufuns": [UFUN, 3]}, "ufun 2 needs one list of contributions an issue"),
        (
            {"ufuns": [UFUN, {**UFUN, "contrib": [[0, 1, 2], [0, 1]]}]},
            "ufun 2 needs .* the 2 values of issue 1, and has 3",
        ),
        ({"ufuns": [UFUN, {**UFUN, "contrib": [[0, 1]]}]}, "ufun 2 needs one list"),
        ({"ufuns": [UFUN, {**UFUN, "contrib": [[0, float("nan")], [0, 1, 2]]}]}, "ufun 2 to issue 1 must be a number"),
        ({"ufuns": [{**UFUN, "bias": float("inf")}, UFUN]}, "bias of ufun 1 must be a number"),
        ({"ufuns": [{**UFUN, "reserved": "0.2"}, UFUN]}, "reserved of ufun 1 must be a number"),
        ({"ufuns": [{**UFUN, "reserved": True}, UFUN]}, "reserved of ufun 1 must be a number"),
        ({"ufuns": [{**UFUN, "bias": 10**400}, UFUN]}, "bias of ufun 1 must be a number"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(WealError, match=rf"some\.json is not a domain: .*{said}") as fault:
        domain_files.read(held(tmp_path, **changes))
    assert "README" in fault.value.hint


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "\xff"])
def test_what_is_no_json_is_named_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(WealError, match=r"broken\.json"):
        domain_files.read(tmp_path)


def test_a_folder_that_is_none_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(WealError, match="not a folder"):
        domain_files.read(tmp_path / "nowhere")
    with pytest.raises(WealError, match="no domains"):
        domain_files.read(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_units_and_signs_of_utilities_do_not_matter(tmp_path: Path, noise: float) -> None:
    """All below zero, as the form allows: the same deals as in utilities of 0 to 1, and the same measures."""
    seen = []
    for scale, shift in ((1.0, 0.0), (40.0, -1_000.0)):
        ufuns = [
            {"reserved": 0.25 * scale + shift, "bias": shift, "contrib": [[scale * v for v in part] for part in parts]}
            for parts in ([[0.0, 0.5], [0.0, 0.125, 0.5]], [[0.5, 0.0], [0.0, 0.375, 0.5]])
        ]
        found = bargaining.run(3, 1, lambda *_: None, domains_at=held(tmp_path, ufuns=ufuns), noise=noise)
        seen.append([row for row in found.as_json()["rows"] if "domain" in row])  # type: ignore[attr-defined]
    assert {row["method"] for row in seen[0]} == set(bargaining.MECHANISMS)
    for one, other in zip(*seen, strict=True):
        assert set(one) >= MEASURES
        assert {key: pytest.approx(cell, abs=1e-6) if key in MEASURES else cell for key, cell in one.items()} == other
    assert any(row["agreed"] for row in seen[0])


def test_welfare_is_of_gains_and_nothing_is_gained_without_a_deal() -> None:
    utilities = np.array([[-9.0, -1.0], [-5.0, -5.0], [-1.0, -9.0], [-4.0, -4.0]])
    open_, hopeless = (domains.Domain("x", (4,), utilities, np.full(2, reserved)) for reserved in (-6.0, -3.0))
    assert [open_.welfare(outcome) for outcome in (3, 1, None)] == [1.0, 0.5, 0.0]
    assert [hopeless.welfare(outcome) for outcome in (3, None)] == [0.0, 0.0]
    assert open_.product(1) == pytest.approx(0.25)
    assert not hopeless.feasible
    assert np.isnan(hopeless.product(None))
    assert bargaining.measured(hopeless, None, 0, 0, 0)["welfare"] == 0


def test_products_of_many_small_gains_do_not_vanish() -> None:
    utilities = np.full((2, 12), 1e-30) * np.array([[1.0], [2.0]])
    found = domains.Domain("x", (2,), utilities, np.zeros(12))
    assert found.feasible
    assert found.product(0) == pytest.approx(2.0**-12)
