"""What follows from what comes in."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.delivery.events import record_event
from conversations.delivery.gate import examine
from conversations.inbound import handling, services
from conversations.inbound.models import InboundEvent
from conversations.models import Conversation, Message
from conversations.replies.models import Reading
from leads.models import Identity
from outreach.core import clock
from outreach.events.models import Event
from outreach.jobs.models import QueueItem
from tests.conversations.factories import make_lead, make_message, make_sender
from tests.conversations.inbound.held_out.notices import dsn, plain

pytestmark = pytest.mark.django_db


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


def answer(to: Message, body: str, *, sender: str = "sam@acme.de", headers: str = "", number: int = 1) -> str:
    return f"From: Sam <{sender}>\nTo: {to.sender.address}\nSubject: Re: {to.subject}\nMessage-ID: <r{number}@acme.de>\nIn-Reply-To: <{to.rfc_message_id}>\n{headers}Content-Type: text/plain; charset=utf-8\n\n{body}\n"


def receive(raw: str, *, source: str = "imap", number: int = 1, sender=None) -> InboundEvent:
    event = services.store(source=source, external_id=f"x{number}", sender=sender, body=raw.encode())
    assert event is not None
    handling.handle(event)
    return event


def test_a_reply_is_stored_read_and_stops_the_sequence(sent, planned):
    event = receive(
        answer(
            sent,
            "Sounds good, call me.\n\nOn Mon, 3 Mar 2025 at 16:12, Me <me@ourfirm.de> wrote:\n> Reply STOP to opt out",
        )
    )
    assert (event.state, event.kind) == ("handled", "reply")
    message = event.message
    assert message.body == "Sounds good, call me."
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


def test_handling_again_changes_nothing(sent):
    event = receive(answer(sent, "Yes"))
    handling.handle(event)
    services.handle_again(event=event, actor=handling.ACTOR)
    handling.handle(event)
    assert event.state == "handled"
    assert Message.objects.filter(direction="in").count() == 1
    assert Reading.objects.count() == 1


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


def text(to: Message, body: str, **fields: str) -> dict[str, str]:
    return {"From": to.address, "To": to.sender.address, "Body": body, "MessageSid": "SM1", **fields}


def test_a_text_message_is_matched_to_its_sender_and_answered(sent):
    lead = make_lead(phone="+4915112345000")
    message = make_message(conversation=Conversation.objects.create(lead=lead), sender=make_sender(channel="sms"))
    Message.objects.filter(pk=message.pk).update(state="sent")
    event = services.store(
        source="twilio.message", external_id="SM1", sender=message.sender, fields=text(message, "How much is it?")
    )
    handling.handle(event)
    assert event.message.conversation == message.conversation
    assert event.message.provider_id == "SM1"
    assert Reading.objects.get().intent == "question"


@pytest.fixture
def texted():
    """Somebody got a text message."""
    lead = make_lead(phone="+4915112345000")
    message = make_message(conversation=Conversation.objects.create(lead=lead), sender=make_sender(channel="sms"))
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
    message.refresh_from_db()
    return message


def confirmations_after(texted: Message, body: str, **fields: str):
    event = services.store(
        source="twilio.message", external_id="SM1", sender=texted.sender, fields=text(texted, body, **fields)
    )
    handling.handle(event)
    assert event.state == "handled", event.error
    return Message.objects.filter(approval_rule="opt-out-confirmation")


def test_an_opt_out_in_words_by_text_message_is_confirmed_once(texted):
    message = confirmations_after(texted, "Please stop texting me").get()
    assert message.state == "scheduled" and examine(message).passed["not_suppressed"]
    again = services.store(
        source="twilio.message",
        external_id="SM2",
        sender=texted.sender,
        fields=text(texted, "stop texting me", MessageSid="SM2"),
    )
    handling.handle(again)
    assert [
        examine(row).passed["not_suppressed"]
        for row in Message.objects.filter(approval_rule="opt-out-confirmation", state="scheduled")
    ].count(True) <= 1


def test_the_exemption_carries_nothing_but_the_fixed_words(texted):
    message = confirmations_after(texted, "Please stop texting me").get()
    Message.objects.filter(pk=message.pk).update(body="And one more offer")
    message.refresh_from_db()
    assert not examine(message).passed["not_suppressed"]


@pytest.mark.parametrize(("body", "fields"), [("STOP", {}), ("Arrêt", {"OptOutType": "STOP"})])
def test_what_the_carrier_confirms_is_not_confirmed_twice(texted, body, fields):
    assert not confirmations_after(texted, body, **fields).exists()
    assert is_suppressed(channel="sms", address=texted.address)


def test_the_russian_keyword_is_confirmed_by_us(texted):
    assert confirmations_after(texted, "СТОП").get().body.startswith("Вы отписаны")


def test_an_event_that_nothing_handles_fails_and_may_be_handled_again(sent):
    event = services.store(source="pigeon", external_id="1")
    handling.handle(event)
    assert event.state == "failed" and "pigeon" in event.error and event.attempts == 1
    InboundEvent.objects.filter(pk=event.pk).update(source="imap", body=answer(sent, "Yes").encode())
    handling.handle(event)
    assert event.state == "handled" and event.error == ""


def test_broken_mail_is_no_fault():
    assert receive("\x00\xff garbage").state == "ignored"


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_event_make_one_message(sent):
    event = services.store(source="imap", external_id="race", body=answer(sent, "Yes, call me").encode())
    barrier = Barrier(2)

    def work() -> None:
        try:
            barrier.wait(10)
            handling.handle(InboundEvent.objects.get(pk=event.pk))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    event.refresh_from_db()
    assert event.state == "handled"
    assert Message.objects.filter(direction="in").count() == 1
    assert Event.objects.filter(kind="reply.received").count() == 1
