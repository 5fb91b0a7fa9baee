"""The one place where a node reads the clock; everybody else is handed it."""

import time


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
