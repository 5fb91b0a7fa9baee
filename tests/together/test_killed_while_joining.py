"""A node that is killed once the community has taken it in, and before anything else, publishes of old notes only what was ticked."""

from pathlib import Path
from typing import Any

import pytest

from weal_node import keys as keyring
from weal_node.commons import consent, publishing, review
from weal_node.config import Home, Settings
from weal_node.federation import membership
from weal_node.federation.membership import JoinRequest
from weal_node.outbound.community import Community
from weal_node.records import Note, Visibility
from weal_node.store import disclosures
from weal_node.store.database import Database
from weal_node.vault import history
from weal_node.vault.folder import Vault

pytestmark = pytest.mark.together
NOW = 1_800_000_000_000


class Killed(BaseException):
    """Stands for kill -9: nothing of the node's own catches it, and what is on disk is all that is left."""


async def test_what_was_not_ticked_stays_though_the_joining_was_never_finished(community: Any, tmp_path: Path) -> None:
    place, keys, settings = Home(tmp_path / "ada"), keyring.new(), Settings()
    place.vault.mkdir(parents=True)
    history.create(place.vault)
    database, vault = Database(place.database), Vault(place.vault)
    for title in ("Bread", "A diary"):
        await publishing.save(database, vault, settings, 0, Note("", "", title, "Words.", Visibility.PUBLIC))
    asked = await consent.gather(database, vault)
    assert len(asked.queued) == 2

    def until_joined() -> int:
        if not membership.alone(place):
            raise Killed
        return NOW

    wish = JoinRequest(community.invite().text, "light", consent.chosen(asked, ["bread"]))
    with pytest.raises(Killed):
        await membership.join(membership.JoiningNode(place, settings, keys, database, vault), wish, until_joined)
    database.close()

    again = Database(place.database)
    found = Vault(place.vault, again.read_now(review.rules))  # as a node starts
    ada = Community.open(place.community, keys)
    long_after = NOW + 1_000_000 * settings.publish_delay_s
    await publishing.notice(again, found, settings, NOW)
    await publishing.send_due(again, found, keys, ada, long_after)
    sent = [one.payload for one in await again.read(disclosures.all_of) if one.what == "note"]
    assert [b"A diary" in one for one in sent] == [False]
    assert b"Bread" in sent[0]
    await ada.close()
    again.close()
