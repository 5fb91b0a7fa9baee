"""A community's charter, as its operator writes it and as members read it."""

from weal_coordinator.community import charter
from weal_protocol import jury
from weal_protocol.errors import WealError
from weal_protocol.terms import Terms

SEEDS = (charter.TEMPLATE.encode(),) if hasattr(charter, "TEMPLATE") else (b"[community]\nname = 'a'\n",)


def fuzz_one(data: bytes) -> None:
    text = data.decode(errors="replace")
    for act in (lambda: charter.read(text), lambda: Terms.of_charter(text), lambda: jury.of_charter(text, bytes(32))):
        try:
            act()
        except WealError:
            continue
