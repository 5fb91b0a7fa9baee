"""A person's keys: four, apart, read by no one else, never overwritten."""

import stat
from pathlib import Path

import pytest

from weal_node import keys
from weal_node.errors import NodeError, NotSetUpError


def test_what_was_made_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    made, read = keys.create(folder), keys.load(folder)
    for name in ("agent_public", "ratification_public", "seal_public", "fleet_public"):
        assert getattr(made, name) == getattr(read, name)
    assert len({made.agent_public, made.ratification_public, made.seal_public}) == 3
    assert made.fleet_public.startswith(b"-----BEGIN PUBLIC KEY-----")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    made = keys.create(tmp_path)
    with pytest.raises(NodeError, match="already holds keys"):
        keys.create(tmp_path)
    assert keys.load(tmp_path).agent_public == made.agent_public


def test_half_a_set_is_no_set(tmp_path: Path) -> None:
    keys.create(tmp_path)
    (tmp_path / "agent.pem").unlink()  # as after a crash: it is written last
    with pytest.raises(NotSetUpError):
        keys.load(tmp_path)
    assert keys.create(tmp_path).agent_public == keys.load(tmp_path).agent_public


@pytest.mark.parametrize("name", ["agent", "ratification", "seal", "fleet"])
def test_a_damaged_or_exchanged_key_is_named(tmp_path: Path, name: str) -> None:
    keys.create(tmp_path)
    other = "seal" if name != "seal" else "agent"
    for content in (b"", b"nonsense", (tmp_path / f"{other}.pem").read_bytes()):
        (tmp_path / f"{name}.pem").write_bytes(content)
        with pytest.raises(NodeError, match=f"{name}.pem") as caught:
            keys.load(tmp_path)
        assert "PRIVATE" not in str(caught.value)
