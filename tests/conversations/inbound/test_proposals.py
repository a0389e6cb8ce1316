"""An answer from an address that nobody knows: likely people are proposed, and wait until somebody has decided."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations.consent import holds
from conversations.consent.models import Hold, Suppression
from conversations.dispatch import gate
from conversations.inbound import proposals
from conversations.models import Conversation, Message
from conversations.services import conversation_for
from leads.models import Identity
from outreach.access.models import User
from outreach.core.errors import Refused
from outreach.core.models import Actor
from tests.conversations.factories import make_lead, make_message
from tests.conversations.inbound.arriving import receive

pytestmark = pytest.mark.django_db

ACTOR = Actor.system("tests")
PRIVATE = "sammy77@gmail.com"


def private_answer(body: str, *, name: str = "S. J.", quoted: str = "", number: int = 1) -> str:
    quote = f"\n\nOn Mon, Dana wrote:\n> To: {quoted}\n> A short text.\n" if quoted else ""
    return (
        f"From: {name} <{PRIVATE}>\nTo: dana@outreach.example\nSubject: Hello from me\n"
        f"Message-ID: <p{number}@gmail.com>\nContent-Type: text/plain; charset=utf-8\n\n{body}{quote}\n"
    )


@pytest.fixture
def sam(sent):
    """The conversation with Sam, to whom a first message left."""
    lead = sent.lead
    type(lead).objects.filter(pk=lead.pk).update(full_name="Sam Jones", name_key="sam jones")
    return sent.conversation


def the_hold() -> Hold:
    return Hold.objects.get(question=Hold.Question.WHOSE, decided_at=None)


def test_our_address_in_the_quote_proposes_the_person(sam):
    receive(private_answer("Yes, call me.", quoted="sam@acme.de"))
    assert the_hold().conversation == sam
    assert the_hold().message.conversation.contact == PRIVATE


def test_the_same_name_proposes_the_person(sam):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    assert the_hold().conversation == sam


def test_a_stranger_is_a_stranger(sam):
    receive(private_answer("Do you sell to Norway?", name="Kari Nordmann"))
    assert not Hold.objects.exists()


def test_one_name_alone_is_no_reason(sam):
    receive(private_answer("Yes, call me.", name="Sam"))
    assert not Hold.objects.exists()


def test_follow_ups_wait_until_somebody_decides(sam, planned):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    assert not gate.examine(planned).passed[holds.CHECK]
    proposals.dismiss(hold=the_hold(), actor=ACTOR)
    assert gate.examine(planned).passed[holds.CHECK]


def test_their_answer_joins_their_conversation_and_stops_the_sequence(sam, planned):
    receive(private_answer("Yes, call me tomorrow.", name="Sam Jones"))
    assert proposals.attach(hold=the_hold(), actor=ACTOR) == sam
    planned.refresh_from_db()
    sam.refresh_from_db()
    assert planned.state == "cancelled"
    assert sam.state == "engaged"
    assert sam.waiting_since is not None
    assert sam.messages.received().get().body == "Yes, call me tomorrow."
    assert Identity.objects.get(address=PRIVATE).lead == sam.lead
    assert not Conversation.objects.filter(contact=PRIVATE).exists()


def test_the_first_message_counts_as_answered(sam, sent):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    proposals.attach(hold=the_hold(), actor=ACTOR)
    sent.refresh_from_db()
    assert sent.state == "replied"


def test_a_stop_from_a_private_address_covers_the_person(sam, planned):
    receive(private_answer("Unsubscribe me.", name="Sam Jones"))
    assert not Suppression.objects.filter(lead=sam.lead).exists()
    proposals.attach(hold=the_hold(), actor=ACTOR)
    assert Suppression.objects.filter(lead=sam.lead, reason="opt_out").exists()


def test_what_they_write_next_is_known(sam):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    proposals.attach(hold=the_hold(), actor=ACTOR)
    receive(private_answer("Is Tuesday fine?", number=2), number=2)
    assert sam.messages.received().count() == 2


def test_whoever_was_denied_is_not_proposed_again(sam):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    proposals.dismiss(hold=the_hold(), actor=ACTOR)
    receive(private_answer("Well?", name="Sam Jones", number=2), number=2)
    assert not Hold.objects.filter(decided_at=None).exists()


def test_it_is_one_persons_answer_and_the_others_go_on(sam, sent):
    namesake = make_lead(email="sam@other.de", first_name="Sam", last_name="Jones", name_key="sam jones")
    second = make_message(conversation=conversation_for(lead=namesake), sender=sent.sender, stream=sent.stream)
    Message.objects.filter(pk=second.pk).update(state="sent")
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    assert Hold.objects.filter(decided_at=None).count() == 2
    proposals.attach(hold=Hold.objects.get(conversation=sam), actor=ACTOR)
    assert not holds.open_on(second.conversation).exists()


def test_a_second_decision_is_refused(sam):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    hold = the_hold()
    proposals.dismiss(hold=hold, actor=ACTOR)
    with pytest.raises(Refused):
        proposals.dismiss(hold=hold, actor=ACTOR)


@pytest.fixture
def reviewer(client):
    client.force_login(User.objects.create_user("ann", role="reviewer"))
    return client


def test_the_inbox_asks_on_both_sides(sam, reviewer):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    stranger = the_hold().message.conversation
    page = reviewer.get(reverse("inbox:conversation", args=[sam.pk])).content.decode()
    assert "Is this their answer?" in page and "Yes, call me." in page
    page = reviewer.get(reverse("inbox:conversation", args=[stranger.pk])).content.decode()
    assert reverse("inbox:conversation", args=[sam.pk]) in page


@pytest.mark.parametrize(("decision", "count"), [("theirs", 1), ("other", 0)])
def test_one_click_decides(sam, reviewer, decision, count):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    reviewer.post(reverse("inbox:hold", args=[sam.pk]), {"decision": decision, "hold": the_hold().pk})
    assert sam.messages.received().count() == count
    assert not holds.open_on(sam).exists()


def test_the_api_decides_alike(sam, reviewer):
    receive(private_answer("Yes, call me.", name="Sam Jones"))
    address = f"/api/v1/conversations/{sam.pk}/hold/"
    assert reviewer.post(address, {"decision": "theirs"}, "application/json").status_code == 400
    answer = reviewer.post(address, {"decision": "theirs", "hold": the_hold().pk}, "application/json")
    assert answer.status_code == 200
    assert sam.messages.received().count() == 1
