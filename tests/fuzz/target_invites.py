"""Words of invitation."""

import base64

from weal_protocol import invite
from weal_protocol.errors import WealError

SEEDS = (b'{"community": "a", "grpc": "a:1", "fleet": "b:2"}', b"weal1.e30", b"[[[[")


def fuzz_one(data: bytes) -> None:
    for text in (data.decode(errors="replace"), invite.PREFIX + base64.urlsafe_b64encode(data).decode()):
        try:
            invite.parse(text)
        except WealError:
            continue
