"""In your notes as a page: cited lines, three buttons, and what is true where there is nothing."""

from typing import Any

from weal_node.store import answers, look_gestures


def write(page: Any, path: str, text: str) -> None:
    place = page.vault.root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    page.vault.changes += 1


async def test_an_empty_vault_says_how_to_begin(page: Any) -> None:
    html = await page.see("/look")
    assert "There are no notes yet" in html
    assert "/notes/import" in html


async def test_a_line_is_cited_and_its_buttons_hold(page: Any) -> None:
    write(page, "Journal/2023-11-01.md", "I want to build a cold frame of oak & glass.\n")
    write(page, "Journal/2023-11-02.md", "I want to visit Leeds by train.\n")
    html = await page.see("/look")
    assert "I want to build a cold frame of oak &amp; glass." in html
    assert "1 Nov 2023" in html
    lines = (await page.desk.rereading.look(None)).page.findings
    keys = {finding.act: finding.key for finding in lines}
    build, visit = keys["build a cold frame of oak & glass"], keys["visit Leeds by train"]
    sent = await page.send("/look", line=build, gesture="do")
    assert sent.headers["location"] == "/look?said=look-do#rule-wish"  # where the person was
    html = await page.see("/look?said=look-do")
    assert "Kept as wanted" in html
    assert f'id="{build}"' not in html
    assert "You asked for" in html
    await page.send("/look", line=visit, gesture="done")
    assert f'id="{visit}"' not in await page.see("/look")
    await page.send("/look", line=visit, gesture="back")
    assert f'id="{visit}"' in await page.see("/look")
    assert [said.gesture for said in await page.database.read(look_gestures.every)] == ["do"]
    assert await page.database.read(answers.every) == (), "a gesture here is no answer"


async def test_bad_forms_are_said_with_a_next_step(page: Any) -> None:
    assert "Load the page" in (await page.send("/look", 404, line="x", gesture="done")).text
    assert "Load the page" in (await page.send("/look", 404, line="x", gesture="back")).text
    assert (await page.send("/look", 404)).text


async def test_notes_and_an_empty_today_lead_there(page: Any) -> None:
    assert 'href="/look"' in await page.see("/notes")
    assert 'href="/look"' in await page.see("/today")
