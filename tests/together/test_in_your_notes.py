"""The first evening with real processes: a vault opened with no network, model, community or answer; page and command show cited lines, and what
was said of them holds after a restart."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.waiting import PATIENCE_S, until

pytestmark = pytest.mark.together

SALTED = "The green tomatoes were salted like capers and kept sharp and sour in the barrel until March, good with smoked trout in winter.\n"
NOTES = {
    "Journal/2023-05-01.md": "I would love to walk the coast path with Ilse.\nRain all day.\n",
    "Journal/2026-05-11.md": "I really want to walk along the coast path with Ilse. We sat in the [[Cold Room]].\n",
    "Journal/2026-11-02.md": "I promised Tomasz to send the cider proportions by 2026-12-05.\n",
    "Journal/2026-11-03.md": "Therapy again. I want to stop crying at work.\n",
    "Heron/Winter menu.md": f"---\nupdated: 2026-11-20\n---\nAll brown. I need something sharp that keeps. {SALTED}Beside the [[Cold Room]] door.\n",
    "Heron/Preserving.md": f"---\ndate: 2023-08-20\n---\nTomasz was here for a day in August. {SALTED}",
    "Heron/People.md": "---\ndate: 2024-02-01\n---\nTomasz says the winter menu is dull, and brings eggs.\n",
    "Money/Debt.md": "I want to call the bank about the credit card.\n",
}


def weal(*words: str) -> Any:
    done = subprocess.run([sys.executable, "-m", "weal_node", *words, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def logged_in(node: Any) -> Iterator[Callable[..., str]]:
    """A browser without JavaScript: see(path), or see(path, field=...) to send a form."""
    with httpx.Client(
        base_url=node.address, follow_redirects=True, timeout=PATIENCE_S, headers={"origin": node.address}
    ) as client:
        assert client.get(node.link).status_code == 200
        csrf = client.get("/api/session").json()["csrf"]

        def see(path: str, **fields: str) -> str:
            answer = client.post(path, data={"csrf": csrf, **fields}) if fields else client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.text

        yield see


def test_the_first_evening(start_node: Any, tmp_path: Path) -> None:
    vault, home = tmp_path / "notes", str(tmp_path / "ada")
    for path, text in NOTES.items():
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_text(text)
    weal("init", "--home", home, "--vault", str(vault))
    looked = weal("look", "--home", home)
    rules = {line["rule"]: line for line in looked["lines"]}
    assert {"repeated", "due", "near", "mention", "unwritten"} <= set(rules)
    assert len(rules["repeated"]["quotes"]) == 2
    assert rules["due"]["quotes"][0]["path"] == "Journal/2026-11-02.md"
    cited = {quote["path"] for line in looked["lines"] for quote in line["quotes"]}
    assert not cited & {"Journal/2026-11-03.md", "Money/Debt.md"}, "never a line"

    node = start_node("ada")
    with logged_in(node) as see:
        html = until(
            lambda: page if "coast path" in (page := see("/look")) and "pieces are compared" not in page else ""
        )
        assert "I really want to walk along the coast path with Ilse." in html
        assert "send the cider proportions" in html
        see("/look", line=rules["repeated"]["line"], gesture="done")
        html = see("/look", line=rules["due"]["line"], gesture="do")
        assert f'id="{rules["repeated"]["line"]}"' not in html
        assert "You asked for" in html
    node.stop()
    again = weal("look", "--home", home, "--quick")
    assert not {rules["repeated"]["line"], rules["due"]["line"]} & {line["line"] for line in again["lines"]}
    assert [line["line"] for line in again["wanted"]] == [rules["due"]["line"]]
    back = weal("look", "--home", home, "--quick", "--back", rules["due"]["line"][:8])
    assert "due" in {line["rule"] for line in back["lines"]}
