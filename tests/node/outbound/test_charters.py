"""What a node takes of the charters that it is shown, and what of an answer to joining."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from weal_node.errors import CommunityError
from weal_node.outbound.directory import Directory
from weal_node.outbound.membership import invited, of_response
from weal_protocol import cards, charters
from weal_protocol.charters import Chain
from weal_protocol.invite import Invite
from weal_protocol.terms import Terms
from weal_protocol.v1 import directory_pb2

KEY, EVE = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"c", b"e"))
PUBLIC = KEY.public_key().public_bytes_raw()
TEXT = "[aggregation]\nsampling_rate = 0.2\nsigma = 1.0\ndelta = 1e-5\nepsilon_cap = 10.0\n"
JURY = f'[jury]\nquorum = 1\njurors = ["{PUBLIC.hex()}"]\n'
INVITE = Invite("commons", "h:1", "h:2", "d" * 64, PUBLIC.hex(), "code", Terms.of_charter(TEXT).text)


def chain_of(first: str, *texts: str) -> Chain:
    chain = charters.begin(first)
    for text in texts:
        chain = charters.follow(chain, charters.write(chain, text, 9, KEY), PUBLIC)
    return chain


def directory(chain: Chain) -> Directory:
    return Directory(replace(invited(INVITE), id=chain.community.hex()).under(chain))


def test_what_goes_on_is_taken_and_its_jury_holds_at_once() -> None:
    known, whole = directory(chain_of(TEXT)), chain_of(TEXT, TEXT + JURY, TEXT)
    assert known.jury().quorum == 0
    known.hear_charters(whole.amendments[:1], whole.last.sha256)
    assert (known.jury().quorum, known.charter_fork, known.fresh_charter()) == (1, "", True)
    known.hear_charters(whole.amendments[1:], whole.last.sha256)
    assert (known.jury().quorum, len(known.jury().former)) == (0, 1)
    assert known.membership.charter == TEXT
    known.hear_charters((), whole.last.sha256)
    assert (known.charter_fork, known.fresh_charter(), known.fresh_charter()) == ("", True, False)


def test_a_coordinator_of_before_says_nothing_of_charters_and_that_is_no_alarm() -> None:
    known = directory(chain_of(TEXT))
    known.hear_charters((), b"")
    assert known.charter_fork == ""
    amended = directory(chain_of(TEXT, TEXT + "# more\n"))
    amended.hear_charters((), b"")  # it had more than one, and shows none any more
    assert "does not show charter 1" in amended.charter_fork


@pytest.mark.parametrize(
    ("text", "key", "what"),
    [
        (TEXT + "# more\n", EVE, "does not fit"),
        (TEXT + "[jury]\nquorum = 0\n", KEY, "jury cannot be read"),
        ("sigma =", KEY, "cannot be read"),
    ],
)
def test_what_is_forged_or_cannot_be_read_is_kept_out(text: str, key: Any, what: str) -> None:
    known = directory(chain_of(TEXT))
    known.hear_charters([charters.write(known.chain, text, 9, key)], b"h" * 32)
    assert what in known.charter_fork
    assert (known.membership.charter, known.fresh_charter()) == (TEXT, False)


def answer(chain: Chain, **changes: Any) -> directory_pb2.JoinResponse:
    fleet = generate_private_key(SECP384R1()).public_key()
    pem = fleet.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    card = cards.issue(cards.Member(PUBLIC, PUBLIC, b"s" * 32, pem, "commons", "none", 1), KEY)
    given: dict[str, Any] = {
        "community": chain.community,
        "coordinator": directory_pb2.SignedMemberCard.FromString(card),
        "charter": chain.current,
        "first_charter": chain.texts[0] if chain.amendments else "",
        "amendments": [directory_pb2.SignedCharter.FromString(raw) for raw in chain.amendments],
    }
    return directory_pb2.JoinResponse(**(given | changes))


def test_an_answer_from_before_there_was_a_chain_is_one_charter() -> None:
    chain = chain_of(TEXT)
    found = of_response(INVITE, answer(chain))
    assert (found.id, found.charter, found.first, found.amendments) == (chain.community.hex(), TEXT, "", ())


def test_an_answer_with_a_chain_is_verified_from_the_id_to_the_charter_in_force() -> None:
    chain = chain_of(TEXT, TEXT + "# two\n", TEXT + "# three\n")
    found = of_response(INVITE, answer(chain))
    assert (found.id, found.charter, found.chain.texts) == (chain.community.hex(), TEXT + "# three\n", chain.texts)
    two = answer(chain).amendments
    for changes, what in (
        ({"first_charter": ""}, "not the one that names this community"),
        ({"first_charter": TEXT + "#"}, "not the one that names this community"),
        ({"amendments": two[1:]}, "does not follow"),
        ({"amendments": two[:1]}, "not the last"),
        ({"amendments": []}, "not the last"),
        ({"charter": TEXT}, "not the last"),
        ({"community": b"x" * 32}, "not the one that names this community"),
    ):
        with pytest.raises(CommunityError, match=what):
            of_response(INVITE, answer(chain, **changes))
