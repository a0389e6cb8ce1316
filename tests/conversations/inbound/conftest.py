from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.models import Conversation, Message
from conversations.outbox.events import record_event
from outreach.core import clock
from tests.conversations.factories import make_lead, make_message
from tests.servers.fixtures import fake_esp, fake_twilio, imap_server, mailbox, smtp_sink

__all__ = ["fake_esp", "fake_twilio", "imap_server", "mailbox", "smtp_sink"]


@pytest.fixture
def sent():
    """A first message that left, to Sam."""
    lead = make_lead(email="sam@acme.de", first_name="Sam")
    message = make_message(conversation=Conversation.objects.create(lead=lead))
    record_event(message=message, kind="sent", occurred_at=clock.now())
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
    message.refresh_from_db()
    return message


@pytest.fixture
def planned(sent):
    """Its follow-up, planned in three days."""
    return make_message(
        conversation=sent.conversation, sender=sent.sender, scheduled_at=clock.now() + timedelta(days=3), follows=sent
    )
