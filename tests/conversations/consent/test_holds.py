"""Somebody may want us to stop: held on every channel, a person asked, one click each way."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations.consent import holds
from conversations.consent.models import Hold, Suppression
from conversations.consent.services import Target, is_suppressed, suppress
from conversations.dispatch import gate
from conversations.models import Conversation, Message
from conversations.replies import services as replies
from conversations.replies import suggesting
from outreach.access.models import User
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db
ANN = Actor("user", "ann")


@pytest.fixture
def held():
    """A conversation in which somebody wrote what may be an opt-out."""
    row = make_conversation(make_lead(email="sam@acme.de", phone="+4930123456", first_name="Sam"))
    sent = make_message(conversation=row)
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    row.refresh_from_db()
    replies.receive(make_reply(row, body="I already asked you twice"), row)
    row.refresh_from_db()
    return row


def is_passing(message: Message) -> bool:
    return gate.examine(message).passed[holds.CHECK]


def test_a_suspicion_suppresses_nobody_but_asks_a_person(held):
    assert not Suppression.objects.exists()
    assert (held.handler, held.waiting_since is not None) == ("person", True)
    assert holds.open_on(held).get().evidence


def test_every_follow_up_waits_on_every_channel(held):
    by_mail = make_message(conversation=held)
    by_text = make_message(conversation=held, sender=make_sender(channel="sms"))
    assert not is_passing(by_mail) and not is_passing(by_text)
    assert is_passing(make_message(conversation=make_conversation(make_lead(email="kim@acme.de"))))


def test_what_a_person_writes_by_hand_still_goes(held):
    by_hand = make_message(conversation=held)
    Message.objects.filter(pk=by_hand.pk).update(author=User.objects.create_user("ann", role="reviewer"))
    assert is_passing(by_hand)


def test_keep_writing_lets_what_was_held_go_on(held):
    waiting = make_message(conversation=held)
    Message.objects.filter(pk=waiting.pk).update(state="deferred", refused_by=holds.CHECK)
    holds.keep_writing(conversation=held, actor=ANN)
    waiting.refresh_from_db()
    assert is_passing(waiting) and waiting.scheduled_at <= clock.now()
    assert Hold.objects.get().outcome == "kept"


def test_opt_out_suppresses_every_address_with_the_message_as_evidence(held):
    holds.opt_out(conversation=held, actor=ANN)
    row = is_suppressed(channel="sms", address="+4930123456", lead=held.lead)
    assert row is not None and row.reason == "opt_out" and row.message.body == "I already asked you twice"
    held.refresh_from_db()
    assert held.state == "opted_out"


def test_the_second_click_is_refused(held):
    holds.keep_writing(conversation=held, actor=ANN)
    with pytest.raises(Refused):
        holds.opt_out(conversation=held, actor=ANN)
    assert not Suppression.objects.exists()


def test_an_opt_out_by_another_way_leaves_no_question(held):
    suppress(Target(lead=held.lead), reason=Suppression.Reason.OPT_OUT, actor=ANN, evidence="link")
    assert not holds.open_on(held).exists()


def test_certain_opt_outs_are_not_asked_about(held):
    replies.receive(make_reply(held, body="Stop emailing me"), held)
    assert is_suppressed(channel="email", address="sam@acme.de", lead=held.lead)
    assert not holds.open_on(held).exists()


def test_no_answer_is_drafted_while_the_question_is_open(held):
    make_reply(held, body="How much is it?")
    assert suggesting.suggest(held) is None


@pytest.mark.parametrize(
    ("decision", "state", "outcome"), [("opt_out", "opted_out", "opted_out"), ("keep", "new", "kept")]
)
def test_the_page_asks_and_takes_one_click(held, client, decision, state, outcome):
    client.force_login(User.objects.create_user("ann", role="reviewer"))
    page = client.get(reverse("inbox:conversation", args=[held.pk])).content.decode()
    assert "Do they want us to stop?" in page and "Keep writing" in page
    client.post(reverse("inbox:hold", args=[held.pk]), {"decision": decision})
    assert (Conversation.objects.get(pk=held.pk).state, Hold.objects.get().outcome) == (state, outcome)
    assert "Do they want us to stop?" not in client.get(reverse("inbox:conversation", args=[held.pk])).content.decode()


def test_the_queue_lists_who_waits_for_a_decision(held, client):
    client.force_login(User.objects.create_user("ann", role="reviewer"))
    assert str(held) in client.get(reverse("inbox:list") + "?queue=held").content.decode()
    holds.keep_writing(conversation=held, actor=ANN)
    assert str(held) not in client.get(reverse("inbox:list") + "?queue=held").content.decode()
