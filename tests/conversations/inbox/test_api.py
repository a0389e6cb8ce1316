"""Conversations over REST."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from conversations.models import Conversation
from conversations.replies import services as replies
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(User.objects.create_user("ann", role="reviewer"))
    return client


@pytest.fixture
def conversation():
    row = make_conversation(make_lead(email="sam@acme.de"))
    make_message(conversation=row, sender=make_sender(display_name="Dana"))
    replies.read_by_rules(make_reply(row, body="How much is it?", subject="Re: Hello"))
    Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    row.refresh_from_db()
    return row


def test_a_conversation_is_read_answered_and_noted(api, conversation):
    address = f"/api/v1/conversations/{conversation.pk}/"
    assert api.get("/api/v1/conversations/", {"queue": "waiting"}).data["results"][0]["id"] == conversation.pk
    assert api.get(address).data["state"] == "engaged"
    assert api.get(f"{address}messages/").data["results"][0]["reading"]["intent"] == "question"
    assert api.post(f"{address}notes/", {"text": "ask Ben"}).status_code == 201
    answer = api.post(f"{address}reply/", {"body": "Ten euros."})
    assert answer.status_code == 201 and answer.data["direction"] == "out"
    assert api.get(address).data["waiting_since"] is None


def test_actions_follow_the_table_of_states(api, conversation):
    address = f"/api/v1/conversations/{conversation.pk}/"
    assert api.post(f"{address}take-over/").data["handler"] == "person"
    assert api.post(f"{address}release/").data["handler"] == "ai"
    assert api.post(f"{address}snooze/", {"until": "2001-01-01T00:00:00Z"}).status_code == 400
    assert api.post(f"{address}state/", {"to": "booked"}).data["state"] == "booked"
    assert api.post(f"{address}state/", {"to": "dormant"}).status_code == 409


def test_a_suggestion_is_drafted_used_once_and_read(api, conversation):
    made = api.post(f"/api/v1/conversations/{conversation.pk}/suggestions/")
    assert made.status_code == 201 and "price" in made.data["body"]
    address = f"/api/v1/suggestions/{made.data['id']}/"
    assert api.post(f"{address}use/", {"body": "Ten euros."}).status_code == 201
    assert api.post(f"{address}use/").status_code == 409
    assert "+Ten euros." in api.get(address).data["edit"]


def test_a_reading_is_corrected_within_its_conversation_only(api, conversation):
    other = make_reply(make_conversation(), body="x")
    own = conversation.messages.get(direction="in")
    address = f"/api/v1/conversations/{conversation.pk}/readings/"
    assert api.post(address, {"message": own.pk, "intent": "negative"}).status_code == 201
    assert api.post(address, {"message": other.pk, "intent": "negative"}).status_code == 400
    assert api.post(address, {"message": own.pk, "intent": "bounce"}).status_code == 400
