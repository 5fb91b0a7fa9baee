"""Today: after a yes, whether the person had thought of it; and the hours in which nothing is said, set on the page."""

import tomllib
from types import SimpleNamespace
from typing import Any

from weal_node import config
from weal_node.commons import review
from weal_node.store import gate
from weal_node.today.interruption import Quiet


async def shown(page: Any, *items: int) -> list[str]:
    """Put statements to the person, as if the agent had suggested them; return their ids."""
    said = [(page.states[n].id, 0.9) for n in items]
    await page.database.write(lambda c: gate.deliver(c, said, page.clock, page.clock - 1))
    return [state for state, _ in said]


async def test_a_yes_asks_once_whether_the_person_had_thought_of_it(page: Any) -> None:
    new, known, unwelcome, _ = await shown(page, 0, 1, 2, 3)
    assert "Had you thought of it?" not in await page.see("/today")
    for item, thought in ((new, "no"), (known, "yes")):
        answered = await page.send(f"/today/{item}/answer", choice="accept")
        asking = await page.see(answered.headers["location"])
        assert "Had you thought of it?" in asking
        assert "Had you thought of it?" in await page.see(f"/items/{item}")
        assert "Had you thought of it?" not in await page.see("/today")  # it does not follow the person about
        await page.send(f"/today/{item}/thought", **page.form(asking, f"/today/{item}/thought"), thought=thought)
        assert "Had you thought of it?" not in await page.see(answered.headers["location"])
    answered = await page.send(f"/today/{unwelcome}/answer", choice="reject")
    assert "Had you thought of it?" not in await page.see(answered.headers["location"])
    assert "New to you and accepted: <strong>1 of 4</strong> shown." in await page.see("/mirror/right")


async def test_only_what_was_suggested_and_accepted_can_be_new(page: Any) -> None:
    (item,) = await shown(page, 0)
    await page.send(f"/today/{item}/thought", 404, thought="no")  # not accepted
    await page.send(f"/today/{page.states[5].id}/thought", 404, thought="no")  # not suggested
    await page.send(f"/today/{item}/answer", choice="accept")
    await page.send(f"/today/{item}/thought", 400, thought="perhaps")
    await page.send(f"/today/{item}/thought", thought="no")
    assert await page.database.read(gate.discoveries) == (1, 1)
    await page.send(f"/items/{item}/judge", choice="reject")  # on second thoughts
    assert await page.database.read(gate.discoveries) == (0, 1)


async def test_forgetting_the_answer_forgets_what_was_said_after_it(page: Any) -> None:
    (item,) = await shown(page, 0)
    await page.send(f"/today/{item}/answer", choice="accept")
    await page.send(f"/today/{item}/thought", thought="no")
    await page.send(f"/answers/{page.mind.fitted().answers[0].id}/forget")
    assert await page.database.read(gate.discoveries) == (0, 1)
    assert await page.database.read(gate.history) == (0, 0)


async def test_quiet_hours_are_set_on_the_page_and_hold_at_once_and_after_a_restart(page: Any) -> None:
    page.desk.home.settings.write_text('# mine\nname = "Ada"\n\nport = 0  # any\n')
    await page.send("/today/quiet", **{"from": "22:00", "until": "07:30"})
    assert page.desk.quiet == Quiet(22 * 60, 7 * 60 + 30)
    assert "Quiet hours: 22:00-07:30" in await page.see("/today")
    assert config.read(page.desk.home).quiet_hours == "22:00-07:30"
    await page.send("/today/quiet", **{"from": "23:00", "until": "06:00"})
    text = page.desk.home.settings.read_text()
    assert text == '# mine\nname = "Ada"\n\nport = 0  # any\nquiet_hours = "23:00-06:00"\n'
    await page.send("/today/quiet", act="none")
    assert config.read(page.desk.home).quiet_hours == ""
    assert "Quiet hours: none" in await page.see("/today")


async def test_the_page_says_that_it_is_quiet_now(page: Any) -> None:
    await page.send("/today/quiet", **{"from": "00:00", "until": "23:59"})
    page.clock = 43_200_000  # noon somewhere; never the last minute of a day in a zone of whole quarters
    assert "these are your quiet hours" in await page.see("/today")


async def test_hours_that_are_none_are_refused_and_change_nothing(page: Any) -> None:
    answer = await page.send("/today/quiet", 400, **{"from": "25:00", "until": "07:00"})
    assert "are no quiet hours" in answer.text
    assert 'value="25:00"' in answer.text  # typed text is kept
    assert not page.desk.home.settings.exists()


async def test_a_settings_file_that_cannot_be_changed_safely_is_left_alone(page: Any, monkeypatch: Any) -> None:
    odd = 'quiet_hours = """\n22:00-07:00"""\n'
    page.desk.home.settings.write_text(odd)
    await page.send("/today/quiet", 400, **{"from": "21:00", "until": "07:00"})
    assert page.desk.home.settings.read_text() == odd
    assert tomllib.loads(odd)
    page.desk.home.settings.unlink()
    monkeypatch.setenv("WEAL_QUIET_HOURS", "20:00-08:00")
    answer = await page.send("/today/quiet", 400, **{"from": "21:00", "until": "07:00"})
    assert "WEAL_QUIET_HOURS" in answer.text


async def test_a_thought_says_that_it_leaves_only_where_there_is_a_community(page: Any) -> None:
    for address in ("/today", "/notes"):
        assert "It stays private." in await page.see(address)
    await review.choose(page.database, page.vault, "", "public")
    for address in ("/today", "/notes"):
        assert "it leaves only once this node is in a community" in await page.see(address)
    page.desk.joined = SimpleNamespace(name="commons", own_key="", bargaining=SimpleNamespace(deals=_no_deals))
    assert "leaves after 10:00 min; until then you can undo" in await page.see("/today")


async def _no_deals() -> tuple[()]:
    return ()
