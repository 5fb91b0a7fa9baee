"""What the Community page says of the charter: what it changed, an alarm where another is shown, and what rounds cost now."""

from types import SimpleNamespace
from typing import Any

from weal_node.federation import charter
from weal_node.federation.charter import Change, CharterView
from weal_node.outbound.membership import Membership
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


async def test_the_button_agrees_to_the_charter_that_was_shown_and_to_no_other(page: Any) -> None:
    rules = "[aggregation]\nsampling_rate = 0.2\nsigma = {}\ndelta = 1e-5\nepsilon_cap = 10.0\n"
    first, now = (rules.format(sigma) for sigma in (1.5, 1.25))
    membership = Membership("c" * 64, "commons", "", "", "", "", now, first, ("ab",))
    page.desk.joined = SimpleNamespace(name="commons", own_key="", community=SimpleNamespace(membership=membership))
    page.desk.community = lambda: page.desk.joined

    async def press(number: str) -> int:
        return int((await page.client.post("/community/charter", data={"number": number})).status_code)

    async def waits() -> bool:
        return bool(await page.database.read(lambda connection: charter.waits(connection, membership)))

    for other in ("0", "2", "", "-1", "9" * 5_000):
        assert await press(other) == 409
        assert await waits()
    assert await press("1") == 303
    assert not await waits()
