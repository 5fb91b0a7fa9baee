"""A moment in words."""

from datetime import UTC, datetime


def day(ms: int) -> str:
    """Return a Unix time in milliseconds as a day and minute here."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone().strftime("%d %b %Y, %H:%M")
