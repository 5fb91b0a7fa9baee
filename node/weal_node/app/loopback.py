"""Listening sockets on this machine alone, on both of its loopback addresses.

Browsers, and much else, lead `localhost` and `*.localhost` to ::1 first and then to 127.0.0.1. Whoever listens at the same port of
the address that a node left free would be taken for the node, and be sent its cookies and keys.
"""

import errno
import socket
from collections.abc import Sequence

from weal_node.errors import NodeError

TRIES = 8  # for a port that is free on both; only where any free one will do
MISSING = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT}  # this machine has no such address


def listen(port: int, hint: str, backlog: int = 128) -> tuple[socket.socket, ...]:
    """Return sockets that listen at this port of 127.0.0.1 and, where this machine has it, of ::1; 0: any port that is free on both.

    NodeError with this hint where another program has the port on either."""
    for _ in range(TRIES if port == 0 else 1):
        try:
            first = _bound(socket.AF_INET, "127.0.0.1", port)
        except OSError:
            break
        try:
            both = [first, _bound(socket.AF_INET6, "::1", int(first.getsockname()[1]))]
        except OSError as fault:
            if fault.errno not in MISSING:
                first.close()
                continue
            both = [first]
        for made in both:
            made.listen(backlog)
            made.setblocking(False)
        return tuple(both)
    raise NodeError(f"port {port} is taken", hint)


def port_of(sockets: Sequence[socket.socket]) -> int:
    """Return the port at which they listen."""
    return int(sockets[0].getsockname()[1])


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    # The protocol is named so that asyncio turns Nagle's algorithm off, which would cost 40 ms an answer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
