"""Whatever a browser or a program sends, the answer is never an error of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client

from outreach.access.roles import Role
from tests.outreach.access.factories import make_user
from tests.outreach.access.matrix import doors

pytestmark = pytest.mark.django_db
HOSTILE = ["\0", "%00", "ü" * 5_000, "../../etc/passwd", "9" * 40, "-1", "1e400", "😀", "' OR 1=1 --", "{{ 7*7 }}"]
NAMES = ["q", "search", "page", "cursor", "next", "sort", "tag", "state", "queue", "day", "from", "to", "segment", "campaign",
         "sender", "lead", "company", "country", "number", "family", "value", "kind", "choice", "fields", "limit", "offset"]  # fmt: skip


@pytest.fixture
def browser():
    client = Client(raise_request_exception=False)
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client


def addresses():
    for door in sorted(set(doors())):
        if door.method in {"*", "GET"}:
            yield door.address


@pytest.mark.parametrize("address", ["/segments/?q=%00", "/leads/export/?country=a%00", "/api/v1/leads/?search=%00"])
def test_a_nul_in_the_query_is_a_bad_request(browser, address):
    assert browser.get(address).status_code == 400


def test_a_number_that_no_row_can_have_finds_no_draft(browser):
    assert browser.get(f"/drafts/?campaign={'9' * 40}").status_code == 200


@pytest.mark.slow
def test_hostile_values_in_the_query_are_never_an_error_of_ours(browser):
    broken = []
    for address in addresses():
        for turn in range(2):
            query = "&".join(
                f"{name}={quote(HOSTILE[(place + turn) % len(HOSTILE)])}" for place, name in enumerate(NAMES)
            )
            if browser.get(f"{address}?{query}").status_code == 500:
                broken.append(address)
    assert not broken
