"""Records of the commons: as they come, and what is read of one that was let in."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from weal_protocol import record
from weal_protocol.errors import WealError

AUTHOR = Ed25519PrivateKey.from_private_bytes(bytes(32))
SEEDS = (record.make("note", b"a", author=AUTHOR, salt=bytes(16), written_ms=1, note=bytes(16)).raw,)


def fuzz_one(data: bytes) -> None:
    record.id_of(data)
    try:
        record.read(data)
        record.lasting(data)
        record.parents_of(data)
        record.read(record.redacted(data))
    except WealError:
        return
