"""What follows from an e-mail that came in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.models import Conversation, Message
from conversations.replies.models import Reading
from leads.models import Identity
from outreach.core import clock
from outreach.events.models import Event
from outreach.jobs.models import QueueItem
from tests.conversations.factories import make_sender
from tests.conversations.inbound.arriving import answer, receive
from tests.conversations.reading.held_out.notices import plain

pytestmark = pytest.mark.django_db


def test_a_reply_is_stored_read_and_stops_the_sequence(sent, planned):
    event = receive(
        answer(
            sent,
            "I'd love to hear more, please call me.\n\nOn Mon, 3 Mar 2025 at 16:12, Me <me@ourfirm.de> wrote:\n> Reply STOP to opt out",
        )
    )
    assert (event.state, event.kind) == ("handled", "reply")
    message = event.message
    assert message.body == "I'd love to hear more, please call me."
    assert "STOP" in message.attributes["quoted"]
    assert message.follows == sent and message.lead == sent.lead
    reading = Reading.objects.get(message=message)
    assert reading.intent in {"positive", "booking"}
    sent.refresh_from_db()
    planned.refresh_from_db()
    conversation = Conversation.objects.get(pk=sent.conversation_id)
    sent.lead.refresh_from_db()
    assert sent.state == "replied" and sent.replied_at
    assert planned.state == "cancelled"
    assert conversation.state == "engaged" and conversation.waiting_since and conversation.handler == "ai"
    assert sent.lead.last_replied_at is not None
    kinds = list(Event.objects.filter(kind__startswith="reply.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["reply.received", "reply.read"]
    assert QueueItem.objects.filter(task="conversations.replies.tasks.suggest").exists()


def test_the_quoted_footer_is_no_opt_out(sent):
    receive(
        answer(
            sent,
            "Yes please.\n\nOn Mon, 3 Mar 2025 at 16:12, Me <me@ourfirm.de> wrote:\n> Please unsubscribe me: reply STOP",
        )
    )
    assert not Suppression.objects.exists()


def test_the_same_mail_in_two_mailboxes_is_one_message(sent):
    receive(answer(sent, "Yes"), number=1)
    receive(answer(sent, "Yes"), number=2)
    assert Message.objects.filter(direction="in").count() == 1


def test_a_reply_without_thread_headers_is_matched_by_its_sender(sent):
    event = receive(plain("sam@acme.de", "hello", "Tell me more"))
    assert event.message.conversation == sent.conversation
    assert event.message.follows == sent


def test_an_answer_from_a_colleague_stays_in_the_conversation(sent):
    event = receive(answer(sent, "Sam asked me to answer: please send prices", sender="ann@acme.de"))
    assert event.message.conversation == sent.conversation
    assert event.message.address == "ann@acme.de"


def test_references_match_when_in_reply_to_does_not(sent):
    raw = plain(
        "new@acme.de",
        "Re: x",
        "Hi",
        f"In-Reply-To: <unknown@acme.de>\nReferences: <{sent.rfc_message_id}> <unknown@acme.de>\n",
    )
    assert receive(raw).message.conversation == sent.conversation


def test_somebody_unknown_gets_a_conversation_of_their_own():
    sender = make_sender()
    event = receive(plain("stranger@elsewhere.de", "hello", "Do you work in Bremen?"), sender=sender)
    assert event.message.conversation.contact == "stranger@elsewhere.de"
    assert event.message.lead is None
    again = receive(plain("stranger@elsewhere.de", "hello", "And in Kiel?").replace("n1@", "n2@"), number=2)
    assert again.message.conversation == event.message.conversation


def test_newsletters_of_strangers_are_ignored():
    event = receive(plain("news@shop.de", "Sale!", "Buy now", "Precedence: bulk\nList-Id: <x.shop.de>\n"))
    assert event.state == "ignored"
    assert not Conversation.objects.exists()


def test_our_own_copies_are_never_replies(sent):
    raw = f"From: {sent.sender.address}\nTo: sam@acme.de\nMessage-ID: <{sent.rfc_message_id}>\n\nA short text."
    assert receive(raw).kind == "own_copy"
    assert not Message.objects.filter(direction="in").exists()


def test_an_opt_out_suppresses_everywhere_at_once(sent, planned):
    Identity.objects.create(lead=sent.lead, channel="sms", address="+4915112345678")
    receive(answer(sent, "STOP"))
    sent.conversation.refresh_from_db()
    planned.refresh_from_db()
    assert sent.conversation.state == "opted_out"
    assert sent.conversation.waiting_since is None
    assert planned.state == "cancelled"
    assert is_suppressed(channel="email", address="sam@acme.de") and is_suppressed(
        channel="sms", address="+4915112345678"
    )


def test_an_opt_out_in_words_suppresses_and_asks_a_person(sent):
    receive(answer(sent, "Please remove me from your mailing list."))
    sent.conversation.refresh_from_db()
    assert sent.conversation.state == "opted_out"
    assert sent.conversation.waiting_since is not None and sent.conversation.handler == "person"


def test_out_of_office_snoozes_and_defers_and_is_no_reply(sent, planned):
    day = (clock.now() + timedelta(days=20)).date()
    event = receive(
        answer(sent, f"I am out of the office until {day:%d %B %Y}.", headers="Auto-Submitted: auto-replied\n")
    )
    conversation = Conversation.objects.get(pk=sent.conversation_id)
    sent.refresh_from_db()
    planned.refresh_from_db()
    assert event.kind == "out_of_office"
    assert conversation.snoozed_until and conversation.snoozed_until.date() > day
    assert planned.state == "scheduled" and planned.scheduled_at >= conversation.snoozed_until
    assert sent.state == "sent" and conversation.waiting_since is None
    assert not Event.objects.filter(kind="reply.received").exists()


def test_somebody_who_left_invalidates_the_address(sent, planned):
    receive(
        answer(
            sent, "Sam no longer works at Acme. Please contact mary@acme.de", headers="Auto-Submitted: auto-replied\n"
        )
    )
    planned.refresh_from_db()
    assert Identity.objects.get(address="sam@acme.de").status == "invalid"
    assert planned.state == "cancelled"
    assert Reading.objects.get().facts["referral"] == "mary@acme.de"


@pytest.mark.parametrize(
    ("results", "is_doubted"),
    [
        (["mx.firm.example; spf=pass; dkim=none; dmarc=fail (p=NONE) header.from=acme.de"], True),
        (["mx.firm.example; dmarc=pass header.from=acme.de", "mx.acme.de; dmarc=fail"], False),
        (["mx.firm.example; dkim=fail; dmarc=none"], False),
        ([], False),
    ],
)
def test_the_receiving_servers_own_check_tells_whether_the_sender_is_doubted(sent, results, is_doubted):
    headers = "".join(f"Authentication-Results: {text}\n" for text in results)
    message = receive(answer(sent, "Sounds good, tell me more.", headers=headers)).message
    assert message.attributes.get("is_sender_doubted", False) is is_doubted


def test_an_opt_out_counts_whoever_sent_it(sent):
    receive(
        answer(sent, "Please remove me from your list", headers="Authentication-Results: mx.firm.example; dmarc=fail\n")
    )
    assert is_suppressed(channel="email", address="sam@acme.de")
