"""Deals have a place of their own, also for somebody in no community, and their former addresses lead there."""

from typing import Any

from weal_node.records import Note, Visibility


async def test_it_lists_what_the_person_needs_and_offers_before_any_community(page: Any) -> None:
    page.vault.save(Note("", "", "Wheels", "x", Visibility.PRIVATE, needs=("bicycle repair",), offers=("rye bread",)))
    page.vault.save(Note("", "", "Plain", "x", Visibility.PRIVATE))
    shown = await page.see("/deals")
    main = shown[shown.index("<main") :]
    assert "bicycle repair" in main
    assert "rye bread" in main
    assert "Plain" not in main
    assert 'href="/community"' in main
    assert 'action="/deals/find"' not in main  # nobody to deal with


async def test_former_addresses_lead_to_it(page: Any) -> None:
    answer = await page.client.get("/community/receipts?page=2")
    assert (answer.status_code, answer.headers["location"]) == (308, "/deals/receipts?page=2")
    for act in ("find", "propose"):
        sent = await page.send(f"/community/{act}", 308, member="x")  # the same form, sent again by the browser
        assert sent.headers["location"] == f"/deals/{act}"


async def test_receipts_of_a_node_in_no_community_are_an_empty_page_and_no_fault(page: Any) -> None:
    assert "<h1" in await page.see("/deals/receipts")
