"""Signatures: good for their key, their bytes and their purpose, and for no other."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import signing
from weal_protocol.errors import ForgedError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
domains = st.sampled_from(sorted(signing.DOMAINS))


@given(domains, st.binary())
def test_a_signature_verifies_for_its_domain(domain: str, message: bytes) -> None:
    signing.verify(PUBLIC, domain, message, signing.sign(KEY, domain, message))


@given(domains, domains, st.binary())
def test_a_signature_for_one_use_is_none_for_another(signed: str, claimed: str, message: bytes) -> None:
    if signed != claimed:
        with pytest.raises(ForgedError):
            signing.verify(PUBLIC, claimed, message, signing.sign(KEY, signed, message))


def test_no_two_domains_make_the_same_bytes() -> None:
    for one in signing.DOMAINS:
        for other in signing.DOMAINS - {one}:
            assert not one.startswith(f"{other}\0")
            assert "\0" not in one


@given(st.binary(), st.binary(), st.binary())
def test_whatever_is_no_signature_is_forged(public: bytes, message: bytes, signature: bytes) -> None:
    with pytest.raises(ForgedError):
        signing.verify(public, "envelope", message, signature)


def test_a_changed_message_or_key_does_not_fit() -> None:
    signature = signing.sign(KEY, "record", b"bread")
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for public, message in ((PUBLIC, b"Bread"), (other, b"bread")):
        with pytest.raises(ForgedError, match="record"):
            signing.verify(public, "record", message, signature)


def test_an_unknown_domain_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not a domain"):
        signing.sign(KEY, "anything", b"")
