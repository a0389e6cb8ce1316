"""Which links lead to profiles, and how a profile's address is written."""

from __future__ import annotations

import pytest

from leads.cleaning import contacts
from leads.sources.network import links

BASE = "https://www.millpond.example"


@pytest.mark.parametrize(
    ("href", "public_id"),
    [
        ("/in/anna-lund-7", "anna-lund-7"),
        ("/in/Anna-Lund-7/?from=list#top", "anna-lund-7"),
        ("https://millpond.example/in/anna/", "anna"),
        ("https://de.millpond.example/in/anna/details", "anna"),
        ("/in/me/", ""),
        ("/in/", ""),
        ("/inbox/anna", ""),
        ("https://other.example/in/anna", ""),
        ("javascript:alert(1)", ""),
        ("/in/a b", ""),
    ],
)
def test_the_public_id_of_a_link(href, public_id):
    assert links.public_id_of(href, base_url=BASE) == public_id


def test_every_profile_on_a_page_is_found_once_with_its_name_except_ones_own():
    hrefs = [("/in/anna/", ""), ("/in/anna", "Anna  Lund"), ("/in/own/", "Me"), ("/in/me", "Me"), ("/feed", "Feed")]
    assert links.discover(hrefs, base_url=BASE, own_public_id="Own") == {"anna": "Anna Lund"}


@pytest.mark.parametrize(
    "base", [BASE, "http://127.0.0.1:8765", "https://www.linkedin.com", "https://de.linkedin.com/"]
)
def test_an_identity_is_written_as_imports_write_it(base):
    address = links.identity_address("Anna-1", base_url=base)
    assert contacts.profile(links.profile_url("Anna-1", base_url=base)) == address
    assert links.public_id_of_identity(address, base_url=base) == "anna-1"
    assert links.public_id_of_identity("elsewhere.example/in/anna-1", base_url=base) == ""
