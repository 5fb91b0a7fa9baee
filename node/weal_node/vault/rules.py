"""Who may read a note where its file does not decide: folder defaults, imports that wait to be reviewed, and what was kept here at
joining. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from weal_node.records import Note, Visibility


@dataclass(frozen=True, slots=True)
class Rules:
    """folders: a folder's path to what its notes are that do not say it themselves; "" is the whole vault.
    unreviewed: paths, and SHA-256 in hex, of imported files: private whatever they say, wherever they are moved to.
    kept: ids, paths and SHA-256 of files that stay here since a joining, each with what its own line said then ("" nothing, "*"
    could not be read): private until it says something else."""

    folders: Mapping[str, Visibility] = field(default_factory=dict)
    unreviewed: frozenset[str] = frozenset()
    kept: Mapping[str, str] = field(default_factory=dict)

    def over(self, note: Note, sha256: str) -> Note:
        """Return the note as these rules leave it."""
        if self.waits(note.path, sha256) or self.keeps(note, sha256):
            return replace(note, visibility=Visibility.PRIVATE)
        return note if note.stated else replace(note, visibility=self.of(note.path))

    def waits(self, path: str, sha256: str) -> bool:
        """Whether the person has not yet said who may read this imported file."""
        return path in self.unreviewed or sha256 in self.unreviewed

    def keeps(self, note: Note, sha256: str) -> bool:
        """Whether this file stays here since a joining. note: as the file itself says, or as these rules leave it."""
        for name in (note.path, note.id, sha256):
            if name in self.kept:
                statement = self.kept[name]
                return statement == "*" or not note.stated or note.visibility in (statement, Visibility.PRIVATE)
        return False

    def follows(self, note: Note, folder: str) -> bool:
        """Whether a default of this folder, if it had one, would decide who may read this note."""
        if (
            note.stated
            or note.path in self.unreviewed
            or note.path in self.kept
            or (folder and not note.path.startswith(f"{folder}/"))
        ):
            return False
        above = note.path.rpartition("/")[0]
        while above != folder and above not in self.folders:
            above = above.rpartition("/")[0]
        return above == folder

    def of(self, path: str) -> Visibility:
        """Return the default for this path of a file that does not say; private where no folder above has one."""
        return self.nearest(path) or Visibility.PRIVATE

    def nearest(self, path: str) -> Visibility | None:
        """Return the default of the nearest folder above this path, None where none has one."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self.folders:
                return self.folders[folder]
        return None
