"""The first words of a TLS connection: whether whoever calls speaks TLS 1.3 (RFC 8446, 4.1.2). gRPC for Python has no setting that asks for it."""

HEAD = 5  # bytes of a record before its content
MOST = 16 * 1024  # bytes of its content
_TLS13 = b"\x03\x04"
_SUPPORTED_VERSIONS = 43


def length(head: bytes) -> int:
    """Return how many bytes follow these HEAD ones, 0 where they begin no hello."""
    size = int.from_bytes(head[3:5], "big")
    return size if len(head) == HEAD and head[:2] == b"\x16\x03" and 4 < size <= MOST else 0


def modern(body: bytes) -> bool:
    """Return whether this content of a first record is a hello that offers TLS 1.3; what cannot be read is none."""
    if body[:1] != b"\x01":
        return False
    at = 4 + 2 + 32  # kind and length, version, random
    for width in (1, 2, 1):  # session, ciphers, compression
        at += width + int.from_bytes(body[at : at + width], "big")
    end = at + 2 + int.from_bytes(body[at : at + 2], "big")
    at += 2
    while at + 4 <= min(end, len(body)):
        kind, size = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        if kind == _SUPPORTED_VERSIONS:
            offered = body[at + 5 : at + 4 + size]
            return _TLS13 in [offered[place : place + 2] for place in range(0, len(offered), 2)]
        at += 4 + size
    return False
