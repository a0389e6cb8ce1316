"""Answers by hand: at once, later, taken back, once, and with what belongs below them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.dispatch.outgoing import outgoing
from conversations.inbox import services
from conversations.models import Conversation, Message
from conversations.planning.replying import Answer
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client):
    user = User.objects.create_user("ann", password="x", role="reviewer")
    client.force_login(user)
    return user


@pytest.fixture
def conversation():
    """Somebody was written to, answered, and waits."""
    row = make_conversation(make_lead(email="sam@acme.de", first_name="Sam", country="DE"))
    sender = make_sender(display_name="Dana", signature="Dana Fox\nHead of Sales")
    sent = make_message(conversation=row, sender=sender, subject="Hello")
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    make_reply(
        row,
        body="Tell me more",
        follows=sent,
        subject="Re: Hello",
        sender=sender,
        rfc_message_id="theirs@acme.de",
        attributes={"from_name": "Sam Stone", "quoted": "> A short text."},
        language="en",
    )
    Conversation.objects.filter(pk=row.pk).update(
        waiting_since=clock.now(), last_inbound_at=clock.now(), state="engaged"
    )
    row.refresh_from_db()
    return row


def answer(conversation: Conversation, user: User, body: str = "Gladly.", **given) -> Message:
    message = services.reply(conversation=conversation, user=user, answer=Answer(body, **given))
    return Message.objects.select_related("sender", "conversation").get(pk=message.pk)


def close_for_today(conversation: Conversation) -> None:
    """The mailbox works on another day than today only."""
    sender = conversation.messages.received().get().sender
    sender.working_hours = {"days": [(clock.now().weekday() + 3) % 7], "start": "09:00", "end": "10:00"}
    sender.save()


def test_reply_to_all_names_everyone_but_the_writer_and_us(client, conversation, ann):
    theirs = conversation.messages.received().get()
    both = {"to": [theirs.sender.address, "Kim@acme.de"], "cc": ["boss@acme.de", theirs.address, "kim@acme.de"]}
    Message.objects.filter(pk=theirs.pk).update(attributes=theirs.attributes | both)
    page = client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    assert 'data-value="kim@acme.de, boss@acme.de"' in page


def test_an_answer_leaves_at_once_whatever_the_hours_of_the_mailbox(conversation, ann):
    close_for_today(conversation)
    message = answer(conversation, ann)
    assert message.scheduled_at <= clock.now()


def test_the_time_of_an_answer_can_be_chosen(conversation, ann):
    at = clock.now() + timedelta(days=2)
    assert answer(conversation, ann, send_at=at).scheduled_at == at
    conversation.refresh_from_db()
    assert conversation.waiting_since is None


@pytest.mark.parametrize("wait", [timedelta(days=-1), timedelta(days=500)])
def test_an_impossible_time_is_refused(conversation, ann, wait):
    with pytest.raises(Invalid, match="next 400 days"):
        answer(conversation, ann, send_at=clock.now() + wait)


def test_an_answer_taken_back_never_leaves_and_they_wait_again(client, conversation, ann):
    client.post(reverse("inbox:answers", args=[conversation.pk]), {"body": "Too early", "channel": "email"})
    message = Message.objects.get(author=ann)
    assert timedelta(seconds=5) < message.scheduled_at - clock.now() < timedelta(seconds=11)
    page = client.post(reverse("inbox:take-back", args=[message.pk]), follow=True).content.decode()
    message.refresh_from_db()
    conversation.refresh_from_db()
    assert message.is_cancelled and conversation.waiting_since is not None
    assert "Too early</textarea>" in page and "Cancelled, never sent" in page
    assert re.search(r'name="typed"\s+value="1"', page), "a draft that is made meanwhile does not replace it"


def test_what_has_left_cannot_be_taken_back(conversation, ann):
    message = answer(conversation, ann)
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=clock.now())
    message.refresh_from_db()
    with pytest.raises(Refused):
        services.take_back(message=message, user=ann)


def test_an_answer_for_later_can_leave_now(conversation, ann):
    message = answer(conversation, ann, send_at=clock.now() + timedelta(days=2))
    assert services.send_now(message=message, user=ann).scheduled_at <= clock.now()


def test_the_same_key_twice_makes_one_message(client, conversation, ann):
    for _ in range(2):
        sent = client.post(
            f"/api/v1/conversations/{conversation.pk}/reply/",
            {"body": "Once", "key": "k1"},
            content_type="application/json",
        )
        assert sent.status_code == 201
    assert Message.objects.filter(author=ann).count() == 1


def test_the_earlier_mail_stands_below_and_the_signature_between(conversation, ann):
    letter = outgoing(answer(conversation, ann, body="Gladly.\n\nBest\nDana Fox"))
    above, introduction, below = letter.body.partition("Sam Stone <sam@acme.de> wrote:")
    assert introduction and above.startswith("Gladly.\n\nBest\nDana Fox\n\nHead of Sales\n\nOn ")
    assert below == "\n> Tell me more\n>\n>> A short text.\n"
    assert '<blockquote type="cite">' in letter.body_html and "Head of Sales" in letter.body_html
    first = conversation.messages.outgoing().order_by("id").first()
    assert letter.in_reply_to == "theirs@acme.de"
    assert letter.references == (first.rfc_message_id, "theirs@acme.de")


def test_the_introduction_is_in_the_language_of_the_thread(conversation, ann):
    conversation.messages.received().update(language="ru")
    assert "Sam Stone <sam@acme.de> пишет:" in outgoing(answer(conversation, ann, body="Да")).body


def test_a_campaign_mail_is_signed(conversation):
    sender = conversation.messages.received().get().sender
    message = make_message(conversation=make_conversation(), sender=sender, body="Hello there")
    message.sender = sender
    assert outgoing(message).body.startswith("Hello there\n\nDana Fox\nHead of Sales\n")
