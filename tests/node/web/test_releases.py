"""The page of releases: one that was refused stands there with its reason, and cannot be chosen."""

from functools import partial
from typing import Any

from weal_node.store import releases
from weal_node.store.releases import ADOPTED, REFUSED, ReleaseEntry


async def test_a_refused_release_is_shown_and_not_offered(page: Any) -> None:
    assert "Nothing was released yet." in await page.see("/community/releases")
    reason = "bias in a release holds a value that is not a number, or is infinite"
    for entry in (
        ReleaseEntry(2, REFUSED, reason, 5),
        ReleaseEntry(0, REFUSED, "a signature for manifest does not fit", 6),
    ):
        await page.database.write(partial(releases.enter, entry=entry))
    shown = await page.see("/community/releases")
    assert "Release 2</span>" in shown
    assert "A release without a number" in shown
    assert reason in shown
    assert "<option" not in shown
    await page.database.write(partial(releases.enter, entry=ReleaseEntry(1, ADOPTED, "no worse", 7)))
    assert '<option value="2">' not in await page.see("/community/releases")
