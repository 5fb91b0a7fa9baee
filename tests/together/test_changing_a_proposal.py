"""Who is invited proposes changes on the page, by plain forms between real nodes, and who invited finds them there."""

import re
import subprocess
import sys
from typing import Any

import pytest

from weal_simulations.town.person import Person

pytestmark = pytest.mark.together


def test_the_invited_person_sends_other_lines_instead(coordinator: Any, start_node: Any) -> None:
    nodes = [start_node(name) for name in ("ada", "bo", "cy")]
    for node in nodes:
        join = [sys.executable, "-m", "weal_node", "join", coordinator.invite(), "--home", str(node.home), "--yes"]
        subprocess.run(join, check=True, capture_output=True)
    with Person("ada", nodes[0].link) as ada, Person("bo", nodes[1].link) as bo:

        def found() -> dict[str, str] | None:
            ada.look_for_deals()  # which asks who is a member
            page = ada.page("/deals")
            seen = {name: key for key, name in re.findall(r'<option value="([0-9a-f]{64})">(Bo|Cy) ', page)}
            return seen if len(seen) == 2 else None

        key = ada.wait("both are there", found, 30)
        ada.propose_lines(
            [key["Bo"], key["Cy"]], "bread (you give Bo): 0, 1\ntea (Bo gives Cy): 1\nsoup (Cy gives you): 1"
        )
        (drafted,) = ada.deals()
        assert drafted["names"] == ["you", "Bo", "Cy"]
        page = ada.page(f"/deals/{drafted['id']}")
        assert all(f'name="member" value="{one}" checked' in page for one in key.values())
        lines = "bread (you give): 0, 1, 2, 3\ngarden work (Bo gives): 0, 1, 2, 3"
        ada.on_deal(drafted["id"], "edit", space=lines, member=[key["Bo"]])  # without Cy
        (drafted,) = ada.deals()
        assert drafted["names"] == ["you", "Bo"]
        ada.on_deal(drafted["id"], "enter")
        (invited,) = bo.wait("the invitation is there", lambda: [one for one in bo.deals() if one["can"]] or None, 30)
        page = bo.page(f"/deals/{invited['id']}")
        assert "Propose changes" in page
        assert "bread (Ada gives): 0, 1, 2, 3" in page
        bo.on_deal(invited["id"], "counter", space="bread (Ada gives): 1\ngarden work (you give): 1, 2\nwhen: in May")
        (mine,) = [one for one in bo.deals() if one["state"] == "invited"]
        assert f"/deals/{mine['id']}" in bo.page(f"/deals/{invited['id']}")
        theirs = ada.wait(
            "the changes are there", lambda: next((o for o in ada.deals() if o["id"] == mine["id"]), None), 30
        )
        assert "enter" in theirs["can"]
        page = ada.page(f"/deals/{mine['id']}")
        assert "Bo proposes changes to your invitation." in page
        assert f'href="/deals/{invited["id"]}"' in page
        assert "when: in May" in page
        command = [sys.executable, "-m", "weal_node", "deals", "--home", str(nodes[0].home)]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert "(invited, with Bo)" in listed
        assert "Next: You are invited: let your agent negotiate, propose changes or decline." in listed
        assert "1 ended: weal deals --all" in listed
