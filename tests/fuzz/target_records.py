"""Records of the commons."""

from weal_protocol import record
from weal_protocol.errors import WealError

SEEDS = (
    record.make(
        "note",
        b"a",
        author=__import__(
            "cryptography.hazmat.primitives.asymmetric.ed25519", fromlist=["x"]
        ).Ed25519PrivateKey.from_private_bytes(bytes(32)),
        salt=bytes(16),
        written_ms=1,
        note=bytes(16),
    ),
)


def fuzz_one(data: bytes) -> None:
    for act in (record.read, record.redacted, record.lasting, record.id_of, record.parents_of):
        try:
            act(data)
        except WealError:
            continue
