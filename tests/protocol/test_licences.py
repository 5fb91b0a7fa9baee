"""Licences: what somebody typed becomes an identifier of the list, never a text of theirs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weal_protocol import licences


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("", "CC-BY-4.0"),
        ("cc0-1.0", "CC0-1.0"),
        (" MIT ", "MIT"),
        ("All rights reserved", "NOASSERTION"),
        ("CC-BY-9.9", "NOASSERTION"),
    ],
)
def test_an_identifier_is_taken_in_any_case_and_anything_else_asserts_nothing(said: str, written: str) -> None:
    assert licences.identifier(said) == written
    assert licences.known(said) == (written != licences.UNKNOWN)


@given(st.text(max_size=60))
def test_no_text_of_a_person_becomes_a_licence(said: str) -> None:
    assert licences.identifier(said) in licences.KNOWN
