"""What the Community page says of the charter: what it changed, an alarm where another is shown, and what rounds cost now."""

from typing import Any

from weal_node.federation.charter import Change, CharterView
from weal_node.web.page import TEMPLATES

MACROS: Any = TEMPLATES.get_template("charter.html").module
CHANGES = (
    Change(2, 1_700_000_000_000, ("-sigma = 1.5", "+sigma = 1.25  # <b>")),
    Change(1, 1_600_000_000_000, ("+x",)),
)


def test_a_charter_as_it_was_founded_says_nothing() -> None:
    view = CharterView((), False, "", ())
    assert "".join(str(act(view)) for act in (MACROS.alarm, MACROS.changes)).strip() == ""
    assert str(MACROS.consent(view, "c")).strip() == ""


def test_changes_are_told_behind_a_fold() -> None:
    said = str(MACROS.changes(CharterView(CHANGES, False, "", ())))
    assert "<details>" in said
    assert "Charter: 2 changes, the last on 14 Nov 2023" in said
    assert "+sigma = 1.25  # &lt;b&gt;" in said


def test_what_rounds_cost_now_waits_for_one_button_that_names_the_charter() -> None:
    view = CharterView(CHANGES, True, "One round costs 0.30.", ())
    said = str(MACROS.consent(view, "c"))
    assert "One round costs 0.30." in said
    assert 'name="number" value="2"' in said
    assert said.count("<button>") == 1
    assert "<details open>" in str(MACROS.changes(view))


def test_another_past_is_an_alarm() -> None:
    said = str(MACROS.alarm(CharterView(CHANGES, False, "", ("what was shown is refused",))))
    assert 'role="alert"' in said
    assert "What was shown is refused" in said
