"""What follows from bounces."""

from __future__ import annotations

import pytest

from conversations.consent.models import Suppression
from conversations.models import Message
from leads.models import Identity
from tests.conversations.factories import make_lead
from tests.conversations.inbound.arriving import receive
from tests.conversations.reading.held_out.notices import dsn

pytestmark = pytest.mark.django_db


def bounce(sent: Message, status: str, diagnostic: str, **options: str) -> str:
    return dsn(status, diagnostic, recipient="sam@acme.de", **options).replace(
        "ours.1@outreach.example", sent.rfc_message_id
    )


def test_a_hard_bounce_suppresses_the_address(sent, planned):
    event = receive(bounce(sent, "5.1.1", "550 5.1.1 User unknown"))
    sent.refresh_from_db()
    planned.refresh_from_db()
    assert (event.kind, sent.state) == ("bounce", "bounced")
    assert Suppression.objects.get().reason == "bounce"
    assert Identity.objects.get(address="sam@acme.de").status == "invalid"
    assert planned.state == "cancelled"


@pytest.mark.parametrize(
    ("status", "diagnostic", "action"),
    [
        ("5.7.1", "554 5.7.1 blocked using spamhaus", "failed"),
        ("5.2.2", "552 mailbox full", "failed"),
        ("4.4.1", "timeout", "delayed"),
    ],
)
def test_a_soft_bounce_suppresses_nothing(sent, status, diagnostic, action):
    receive(bounce(sent, status, diagnostic, action=action))
    sent.refresh_from_db()
    assert not Suppression.objects.exists()
    assert sent.state == ("sent" if action == "delayed" else "bounced")


def test_a_forged_bounce_about_a_stranger_touches_nobody(sent):
    other = make_lead(email="boss@acme.de")
    event = receive(dsn("5.1.1", "550 User unknown", recipient="boss@acme.de"))
    assert event.state == "ignored"
    assert not Suppression.objects.exists()
    assert other.identities.get().status == "unknown"
