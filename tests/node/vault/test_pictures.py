"""A picture is served from inside the vault, as what its bytes are, or not at all."""

import os
from pathlib import Path

import pytest

from weal_node.errors import VaultError
from weal_node.vault import pictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "vault"
    (made / "notes/img").mkdir(parents=True)
    (made / ".hidden").mkdir()
    for path in ("top.png", "notes/beside.PNG", "notes/img/deep one.png", ".hidden/secret.png"):
        (made / path).write_bytes(PNG)
    (tmp_path / "outside.png").write_bytes(PNG)
    return made


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x01\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_its_kind_is_read_from_its_bytes(content: bytes, kind: str, root: Path) -> None:
    (root / "named.gif").write_bytes(content)
    assert pictures.read(root, "named.gif") == (content, kind)


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"<html>", b"", b"RIFF....WAVE", b"%PDF-1.7"])
def test_what_is_no_raster_image_is_refused_whatever_its_name(content: bytes, root: Path) -> None:
    (root / "named.png").write_bytes(content)
    with pytest.raises(VaultError, match="no PNG"):
        pictures.read(root, "named.png")


@pytest.mark.parametrize(
    "path",
    ["../outside.png", "notes/../top.png", "/etc/x.png", ".hidden/secret.png", "top.md", "top.svg", "a\\b.png", ""],
)
def test_no_path_leads_out(path: str, root: Path) -> None:
    with pytest.raises(VaultError):
        pictures.read(root, path)


def test_links_pipes_and_large_files_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "link.png").symlink_to(root.parent / "outside.png")
    (root / "folder.png").symlink_to(root.parent)
    os.mkfifo(root / "pipe.png")
    for path in ("link.png", "folder.png/outside.png", "pipe.png", "missing.png"):
        with pytest.raises(VaultError):
            pictures.read(root, path)
    monkeypatch.setattr(pictures, "MAX_BYTES", len(PNG) - 1)
    with pytest.raises(VaultError, match="larger"):
        pictures.read(root, "top.png")


def test_a_name_means_the_file_beside_the_note_then_from_the_top_then_anywhere(root: Path) -> None:
    find = pictures.finder(root, "notes/a.md")
    assert find("beside.PNG") == "notes/beside.PNG"
    assert find("img/deep one.png") == "notes/img/deep one.png"
    assert find("../top.png") == find("top.png") == find("/top.png") == "top.png"
    assert find("deep one.png") == "notes/img/deep one.png"
    for name in ("secret.png", ".hidden/secret.png", "../../outside.png", "outside.png", "a.md", "none.png", "x\0.png"):
        assert find(name) == ""
