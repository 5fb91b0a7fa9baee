"""HTTP/1.1 for uvicorn that does not wait for ever: for a request's head, for its body, and with any number of connections that say nothing.

uvicorn alone ends a connection that is idle after an answer, and no other: some hundred that never finish their first line held all a process may open.
"""

from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0  # from the first moment to the end of a request's head
BODY_S = 60.0  # from there to the end of its body; the largest form has 1 MiB
MOST = 200  # connections of one listener; one more, and the oldest that waits for nothing of ours goes


class Patient(H11Protocol):
    """Give as `http=` to uvicorn.Config."""

    _timer: Any = None
    cycle: Any  # None until the first head is whole, whatever uvicorn declares
    _waits_for = ""
    _since = 0.0  # when the connection was made, by the loop's clock

    def connection_made(self, transport: Any) -> None:
        """Take a connection in; where there are too many, the oldest that owes us something goes for it."""
        super().connection_made(transport)
        self._watch()
        self._since = self.loop.time()
        if len(self.connections) > MOST:
            others = [other for other in self.connections if isinstance(other, Patient) and other is not self]
            if owing := [other for other in others if other._waits_for]:
                min(owing, key=lambda other: other._since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and see what is waited for now."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """After an answer the next head is waited for as soon as its first byte comes; until then uvicorn's own limit counts."""
        super().on_response_complete()
        self._stop()

    def _watch(self) -> None:
        waits_for = (
            "head" if self.cycle is None or self.cycle.response_complete else "body" if self.cycle.more_body else ""
        )
        if waits_for == self._waits_for:
            return
        self._stop()
        self._waits_for = waits_for
        if waits_for:
            self._timer = self.loop.call_later(HEAD_S if waits_for == "head" else BODY_S, self._late)

    def _stop(self) -> None:
        self._waits_for = ""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
