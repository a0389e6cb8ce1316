"""What we know stands beside the conversation, with its source; people add, correct, pin, settle and forget it there."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from conversations.memory import services as memory
from conversations.memory.extraction import Finding
from conversations.memory.models import Memory
from outreach.access.models import User
from tests.conversations.factories import make_conversation, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client):
    user = User.objects.create_user("ann", password="x", role="reviewer")
    client.force_login(user)
    return user


@pytest.fixture
def conversation():
    row = make_conversation()
    reply = make_reply(row, body="We are 40 people. Is there an API?")
    memory.learn(
        reply,
        [
            Finding("team", "40 people", "We are 40 people."),
            Finding("question", "Is there an API?", "Is there an API?"),
        ],
    )
    return row


def press(client, row: Memory, verb: str, **given):
    return client.post(
        reverse("inbox:memory", args=[row.pk]), {"do": verb, **given}, headers={"HX-Request": "true"}
    ).content.decode()


def test_the_pane_shows_a_fact_with_its_words_and_its_message(client, ann, conversation):
    page = client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    assert "40 people" in page and "“We are 40 people.”" in page
    assert f'href="#message-{conversation.messages.get().pk}"' in page


def test_each_button_does_what_it_says(client, ann, conversation):
    team, question = Memory.objects.order_by("id")
    assert "42 people" in press(client, team, "edit", text="42 people", was="40 people")
    assert "Pinned" in press(client, team, "pin")
    assert "Done" not in press(client, question, "settle").split('id="memory"')[1].split("</section>")[0]
    assert "42 people" not in press(client, team, "forget").split('id="memory"')[1]
    assert client.post(reverse("inbox:memory", args=[team.pk]), {"do": "edit", "text": "x"}).status_code == 404


def test_a_colleague_adds_what_they_know(client, ann, conversation):
    page = client.post(
        reverse("inbox:memories", args=[conversation.pk]), {"topic": "person", "text": "Jonas decides"}, follow=True
    ).content.decode()
    assert "Jonas decides" in page and "Added by a colleague" in page


def test_viewers_read_only(client, conversation):
    client.force_login(User.objects.create_user("vic", password="x", role="viewer"))
    page = client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    assert "40 people" in page and "Add a fact" not in page
    row = Memory.objects.first()
    assert client.post(reverse("inbox:memory", args=[row.pk]), {"do": "forget"}).status_code == 403


def test_over_rest(ann, conversation):
    api = APIClient()
    api.force_authenticate(ann)
    url = reverse("api-conversation-memories", args=[conversation.pk])
    made = api.post(url, {"topic": "tool", "text": "HubSpot"}, format="json").json()
    assert (made["origin"], made["term"], made["strength"]) == ("person", "long", 0.8)
    assert [row["text"] for row in api.get(url).json()["results"]] == ["HubSpot", "Is there an API?", "40 people"]
    one = reverse("api-conversation-memory", args=[conversation.pk, made["id"]])
    assert api.patch(one, {"text": "Pipedrive", "is_pinned": True}, format="json").json()["is_pinned"] is True
    assert api.patch(one, {"text": "Excel", "was": "HubSpot"}, format="json").status_code == 409
    elsewhere = reverse("api-conversation-memory", args=[make_conversation().pk, made["id"]])
    assert api.delete(elsewhere).status_code == 404
    assert api.delete(one).status_code == 204
    assert "Pipedrive" not in api.get(url).content.decode()
