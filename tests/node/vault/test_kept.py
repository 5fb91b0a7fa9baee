"""The history holds what was written, byte for byte, whatever git or a repository nearby would make of it; or a save says why not."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from weal_node.app.setup import set_up
from weal_node.config import Home, Settings
from weal_node.errors import VaultError
from weal_node.records import Note, Visibility
from weal_node.upkeep.doctor import examine
from weal_node.vault import history, kept, repository
from weal_node.vault.folder import Vault

BYTES = b"---\r\ntitle: \xc3\xa4\r\n---\r\nline\r\n$Id: x$ $Format:%H$\r\n\r\nno end of line\x00\xff"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "vault"
    made.mkdir()
    history.create(made)
    return made


def run(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Owner", "-c", "user.email=o@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def note(path: str, body: str = "New words.\n") -> Note:
    return Note("", path, "", body, Visibility.PRIVATE)


def first_and_second(root: Path, path: str = "n.md") -> None:
    """Keep a file that another program wrote, save over it, and find both in the history."""
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(BYTES)
    vault = Vault(root)
    assert vault.commit_outside() == [path]
    first = history.head(root)
    assert history.at(root, first, path) == BYTES
    vault.put([(path, BYTES + b"more")], "Change {path}")
    assert history.at(root, history.head(root), path) == BYTES + b"more"
    assert history.at(root, first, path) == BYTES
    assert kept.look(root) == (1, [])


@pytest.mark.parametrize("where", [".gitattributes", "sub/.gitattributes"])
@pytest.mark.parametrize(
    "line",
    [
        "* text=auto eol=lf",
        "*.md text working-tree-encoding=UTF-16LE",
        "*.md ident",
        "*.md filter=lfs diff=lfs merge=lfs -text",
        "*.md export-subst",
        "[attr]odd text eol=crlf\n*.md odd",
        "*.md -diff binary",
    ],
)
def test_no_attribute_of_a_vault_changes_a_byte(root: Path, line: str, where: str) -> None:
    (root / "sub").mkdir()
    (root / where).write_text(line + "\n")
    (root / ".gitconfig").write_text('[core]\n\tautocrlf = true\n[filter "lfs"]\n\tclean = false\n\trequired = true\n')
    first_and_second(root, "sub/n.md")


def nested(root: Path) -> None:
    run(root, "init", "-q", "project")
    (root / "project/code.txt").write_text("x")
    run(root / "project", "add", ".")
    run(root / "project", "commit", "-q", "-m", "theirs")


def nested_by_file(root: Path) -> None:
    (root / "project").mkdir()
    (root / "project/.git").write_text("gitdir: /nowhere\n")


def gitlink(root: Path) -> None:
    """As an earlier history may hold one: a folder that is a submodule there."""
    nested(root)
    at = run(root / "project", "rev-parse", "HEAD").strip()
    run(root, "update-index", "--add", "--cacheinfo", f"160000,{at},project")
    run(root, "commit", "-q", "-m", "a submodule")


def ignored(root: Path) -> None:
    (root / ".gitignore").write_text("*\n")
    (root / "project").mkdir()
    (root / "project/.gitignore").write_text("*.md\n")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("*.md\n")


def settled(root: Path) -> None:
    """Settings that somebody wrote into the history's own configuration."""
    (root / ".git/config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tautocrlf = input\n\tfileMode = true\n\tignorecase = true\n"
        f"\tworktree = {root.parent}\n\texcludesFile = {root}/x\n\tsparseCheckout = true\n\tprotectNTFS = true\n"
    )
    (root / "x").write_text("*.md\n")
    (root / ".git/info/sparse-checkout").write_text("/nothing/\n")
    (root / ".git/info/attributes").write_text("*.md text=auto\n")


def hidden_in_the_index(root: Path) -> None:
    (root / "project").mkdir()
    (root / "project/n.md").write_text("before")
    Vault(root).commit_outside()
    run(root, "update-index", "--skip-worktree", "project/n.md")
    run(root, "update-index", "--assume-unchanged", "project/n.md")


def detached(root: Path) -> None:
    (root / "old.md").write_text("before")
    Vault(root).commit_outside()
    run(root, "checkout", "-q", "--detach")
    run(root, "commit", "-q", "--allow-empty", "-m", "on no branch")
    (root / "old.md").unlink()


@pytest.mark.parametrize("trap", [nested, nested_by_file, gitlink, ignored, settled, hidden_in_the_index, detached])
def test_a_note_is_kept_whatever_lies_around_it(root: Path, trap: Callable[[Path], None]) -> None:
    trap(root)
    first_and_second(root, "project/n.md")
    assert history.check(root) == ""
    assert len(history.versions(root, "project/n.md")) >= 2


def test_what_was_committed_on_no_branch_stays_reachable(root: Path) -> None:
    detached(root)
    before = history.head(root)
    (root / "n.md").write_text("words")
    Vault(root).commit_outside()
    assert run(root, "merge-base", "--is-ancestor", before, "HEAD") == ""
    assert run(root, "symbolic-ref", "HEAD").startswith("refs/heads/weal-")


ODD = [
    'a "quoted" name\\.md',
    "A.md",
    "a.md",
    "git~1/n.md",
    " leading and trailing .md",
    "e\u0301.md",
    "\u00e9.md",
    "\U0001f98a/\u200b.md",
    "-rf.md",
    ":(exclude)x.md",
    "HEAD.md",
    "a\u2028b.md",
    "/".join(["long " * 10] * 7) + "/n.md",
]


def test_names_that_are_odd_are_names(root: Path) -> None:
    names = [name for name in ODD if "\\" not in name]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(BYTES + name.encode())
    vault = Vault(root)
    assert vault.commit_outside() == sorted(names)
    newest = history.head(root)
    assert all(history.at(root, newest, name) == BYTES + name.encode() for name in names)
    assert kept.look(root) == (len(names), [])


def test_names_that_are_none_are_named_and_never_written_over(root: Path) -> None:
    odd = [b"line\nbreak.md", b"bytes\xff.md", b"back\\slash.md"]
    for name in odd:
        (root / os.fsdecode(name)).write_bytes(b"the only copy")
    vault = Vault(root)
    assert vault.commit_outside() == []
    count, missing = kept.look(root)
    assert (count, len(missing), all("not a path of a note" in one.why for one in missing)) == (3, 3, True)
    for name in odd:
        with pytest.raises(VaultError, match="not a path of a note"):
            vault.save(note(os.fsdecode(name)))
        assert (root / os.fsdecode(name)).read_bytes() == b"the only copy"


@pytest.mark.slow
@pytest.mark.parametrize("lock", ["index.lock", "refs/heads/main.lock", "HEAD.lock"])
def test_what_cannot_be_kept_is_not_written_over(root: Path, lock: str) -> None:
    vault = Vault(root)
    vault.save(note("n.md", "Kept.\n"))
    (root / "n.md").write_text("the only copy")
    (root / ".git" / lock).touch()
    with pytest.raises(VaultError, match="git says"):
        vault.save(note("n.md"))
    assert (root / "n.md").read_text() == "the only copy"
    history.recover(root)
    vault.save(note("n.md"))
    said = [history.at(root, one.id, one.path) for one in history.versions(root, "n.md")]
    assert b"the only copy" in said


def test_a_history_that_lost_its_newest_commit_keeps_the_present_text_first(root: Path) -> None:
    """This process committed the text; then another program set the history back."""
    vault = Vault(root)
    vault.save(note("a.md"))
    before = history.head(root)
    vault.put([("n.md", b"the only copy")], "Add")
    run(root, "update-ref", "HEAD", before)
    run(root, "read-tree", "HEAD")
    run(root, "prune", "--expire=now")
    vault.put([("n.md", b"over it")], "Change")
    assert [history.at(root, one.id, "n.md") for one in history.versions(root, "n.md")] == [
        b"over it",
        b"the only copy",
    ]


def test_git_is_asked_what_it_kept_and_not_believed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git that changes what it is given, as filters did: here one that keeps line feeds alone."""
    vault = Vault(root)
    (tmp_path / "bin").mkdir()
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "bin/git").write_text(
        f'#!/bin/sh\ncase "$*" in *fast-import*) sed "s/Two/2wo/" | {real} "$@";; *) exec {real} "$@";; esac\n'
    )
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (root / "n.md").write_bytes(b"Two\n")
    with pytest.raises(VaultError, match=r"did not keep n\.md as it was written"):
        vault.save(note("n.md"))
    assert (root / "n.md").read_bytes() == b"Two\n"


def in_a_repository(folder: Path) -> Path:
    run(folder, "init", "-q", "theirs")
    (folder / "theirs/notes").mkdir()
    return folder / "theirs/notes"


def a_worktree(folder: Path) -> Path:
    run(folder, "init", "-q", "theirs")
    run(folder / "theirs", "commit", "-q", "--allow-empty", "-m", "theirs")
    run(folder / "theirs", "worktree", "add", "-q", str(folder / "notes"), "-b", "notes")
    return folder / "notes"


def a_repository(folder: Path) -> Path:
    run(folder, "init", "-q", "notes")
    run(folder / "notes", "commit", "-q", "--allow-empty", "-m", "theirs")
    run(folder / "notes", "remote", "add", "origin", "/nowhere")
    return folder / "notes"


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("kind", [in_a_repository, a_worktree, a_repository])
def test_somebody_elses_repository_is_neither_used_nor_changed(
    kind: Callable[[Path], Path], linked: bool, tmp_path: Path
) -> None:
    theirs = kind(tmp_path)
    before = {place: place.read_bytes() for place in tmp_path.rglob("*") if place.is_file()}
    root = theirs
    if linked:
        root = tmp_path / "home/vault"
        root.parent.mkdir()
        root.symlink_to(theirs, target_is_directory=True)
    history.create(root)
    assert history.recover(root) == []
    first_and_second(root)
    assert {place: place.read_bytes() for place in before} == before
    own = repository.folder_of(root)
    assert own != theirs / ".git" or kind is in_a_repository


def test_a_history_of_before_there_were_marks_goes_on(tmp_path: Path) -> None:
    """As `git init` and `git commit` made it, with a remote that its person added since."""
    root = tmp_path / "vault"
    run(tmp_path, "init", "-q", "-b", "main", "vault")
    (root / "n.md").write_bytes(BYTES)
    run(root, "add", "n.md")
    subprocess.run(
        [
            "git",
            "-C",
            str(root),
            "-c",
            "user.name=weal",
            "-c",
            "user.email=weal@localhost",
            "commit",
            "-q",
            "-m",
            "Add",
        ],
        check=True,
    )
    run(root, "remote", "add", "origin", "/nowhere")
    history.create(root)
    assert repository.folder_of(root) == root / ".git"
    Vault(root).put([("n.md", b"more")], "Change")
    assert [history.at(root, one.id, "n.md") for one in history.versions(root, "n.md")] == [b"more", BYTES]


@pytest.mark.slow
def test_a_stream_that_was_cut_off_is_committed_in_no_part(root: Path) -> None:
    from weal_node.vault.git import git
    from weal_node.vault.stream import CommitChange, stream

    whole = stream(CommitChange("refs/heads/main", "", "m", {"a.md": b"a" * 100, "b.md": b"b" * 100}), 1)
    for cut in range(0, len(whole) - 1, 7):
        with pytest.raises(VaultError, match="git says"):
            git(root, "fast-import", "--quiet", "--done", given=whole[:cut])
    assert history.head(root) == ""


@pytest.mark.slow
def test_doctor_counts_by_hash_and_names_what_is_missing(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    place.root.mkdir()
    set_up(place, "Ada")
    vault = Vault(place.vault)

    def said() -> tuple[bool, str]:
        (found,) = [one for one in examine(place, Settings())["checks"] if one["name"] == "vault"]
        return found["ok"], found["detail"]

    vault.put([("a.md", b"one"), ("b.md", b"two")], "Add")
    ok, detail = said()
    assert ok
    assert "2 of 2 in the history" in detail
    (place.vault / "b.md").write_bytes(b"owt")
    ok, detail = said()
    assert not ok
    assert "1 of 2 in the history" in detail
    assert "not yet: b.md" in detail
    vault.commit_outside()
    (place.vault / "c\n.md").write_bytes(b"three")
    (place.vault / "away").symlink_to(tmp_path, target_is_directory=True)
    ok, detail = said()
    assert not ok
    assert "2 of 3 in the history" in detail
    assert "c\\n.md" in detail
    assert "away" in detail


@pytest.mark.slow
def test_thousands_of_notes_are_kept_in_few_commits(root: Path) -> None:
    for number in range(3_000):
        (root / f"{number % 50}").mkdir(exist_ok=True)
        (root / f"{number % 50}/{number}.md").write_bytes(b"%d\r\n" % number)
    vault = Vault(root)
    assert len(vault.commit_outside()) == 3_000
    assert kept.look(root) == (3_000, [])
    assert len(run(root, "rev-list", "HEAD").split()) <= 15
    (root / "7/7.md").write_bytes(b"other")
    assert vault.commit_outside() == ["7/7.md"]


def test_killed_before_the_index_was_written_the_history_is_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = Vault(root)
    vault.save(note("a.md"))

    def killed(*_: object) -> None:
        """Stands in for a kill at this very moment, which no clock could hit."""
        raise KeyboardInterrupt

    with monkeypatch.context() as moment:
        moment.setattr("weal_node.vault.commits.stage", killed)
        with pytest.raises(KeyboardInterrupt):
            vault.save(note("b.md"))
    assert history.check(root) == ""
    history.recover(root)
    assert run(root, "status", "--porcelain") == ""
