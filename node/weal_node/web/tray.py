"""The tray: what other pages sent by the bookmark (see bookmarklet.py), until the person opens it or throws it away."""

import hashlib
from dataclasses import dataclass

from weal_node.commons import idempotency

MOST_CLIPS = 5  # any page may send some: the oldest goes first
CLIP_LIFE_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Clip:
    """What a page sent. at_ms: when.  once: the id of the note that it may become, so that it becomes one."""

    id: str
    title: str
    body: str
    at_ms: int
    once: str


class Tray:
    """What other pages sent and nobody has looked at yet: in memory alone, a few, for a day."""

    def __init__(self) -> None:
        self._clips: dict[str, Clip] = {}

    def lay(self, title: str, body: str, now_ms: int) -> None:
        """Keep this; the same again is kept once."""
        key = hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()[:32]
        before = self._clips.pop(key, None)
        self._clips[key] = Clip(key, title, body, now_ms, before.once if before else idempotency.token())
        while len(self._clips) > MOST_CLIPS:
            self._clips.pop(next(iter(self._clips)))

    def all(self, now_ms: int) -> tuple[Clip, ...]:
        """Return what lies there, the newest first."""
        fresh = {key: clip for key, clip in self._clips.items() if now_ms - clip.at_ms < CLIP_LIFE_MS}
        self._clips = fresh
        return tuple(reversed(fresh.values()))

    def get(self, key: str) -> Clip | None:
        """Return one of them, None where it is gone."""
        return self._clips.get(key)

    def drop(self, key: str) -> None:
        """Throw one away."""
        self._clips.pop(key, None)
