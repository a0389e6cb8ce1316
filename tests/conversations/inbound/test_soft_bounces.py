"""Soft bounces: one is forgiven, several in a row end in a suppression, any sign of life starts the count again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.consent.models import Suppression
from conversations.models import Message
from conversations.outbox.events import record_event
from leads.models import Identity
from outreach.core import clock
from tests.conversations.factories import make_message
from tests.conversations.inbound.arriving import receive
from tests.conversations.reading.held_out.notices import dsn

pytestmark = pytest.mark.django_db

FULL = ("5.2.2", "552 5.2.2 mailbox full")
OURS = ("5.7.1", "554 5.7.1 blocked using spamhaus")
OVER_RATE = ("4.7.1", "421 4.7.1 too many messages from your IP, rate limited")


@pytest.fixture
def mails(sent):
    """Messages to Sam that left one after the other, the first of them `sent`."""
    rows = [sent]
    for _ in range(3):
        message = make_message(conversation=sent.conversation, sender=sent.sender, stream=sent.stream)
        Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
        message.refresh_from_db()
        rows.append(message)
    return rows


def come_back(message: Message, said: tuple[str, str] = FULL, *, number: int = 0) -> None:
    raw = dsn(*said, recipient="sam@acme.de", action="failed").replace(
        "ours.1@outreach.example", message.rfc_message_id
    )
    receive(raw, number=number or message.pk)


def test_the_third_in_a_row_ends_it(mails):
    come_back(mails[0])
    come_back(mails[1])
    assert not Suppression.objects.exists()
    come_back(mails[2])
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.address) == ("bounce", "sam@acme.de")
    assert suppression.evidence == "3 e-mails in a row came back: the mailbox does not accept mail at the moment"
    assert Identity.objects.get(address="sam@acme.de").status == "invalid"


def test_the_number_is_a_setting(mails, settings):
    settings.OUTREACH = settings.OUTREACH.model_copy(
        update={"delivery": settings.OUTREACH.delivery.model_copy(update={"soft_bounces_in_a_row": 1})}
    )
    come_back(mails[0])
    assert Suppression.objects.get().evidence.startswith("1 e-mail came back")


@pytest.mark.parametrize("said", [OURS, OVER_RATE])
def test_trouble_with_us_does_not_count(mails, said):
    for message in mails:
        come_back(message, said)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("sign", ["delivered", "opened", "clicked", "replied"])
def test_a_sign_of_life_forgives_what_was_before(mails, sign):
    come_back(mails[0])
    come_back(mails[1])
    record_event(message=mails[2], kind=sign, occurred_at=clock.now())
    come_back(mails[3])
    assert not Suppression.objects.exists()


def test_three_days_without_a_bounce_are_a_delivery(mails):
    come_back(mails[0])
    come_back(mails[1])
    Message.objects.filter(pk__in=[mails[0].pk, mails[1].pk]).update(sent_at=clock.now() - timedelta(days=9))
    Message.objects.filter(pk=mails[2].pk).update(sent_at=clock.now() - timedelta(days=4))
    come_back(mails[3])
    assert not Suppression.objects.exists()


def test_a_bounce_told_twice_counts_once(mails):
    come_back(mails[0])
    come_back(mails[0], ("4.2.2", "452 4.2.2 over quota"), number=1_000_000)
    come_back(mails[1])
    assert not Suppression.objects.exists()
