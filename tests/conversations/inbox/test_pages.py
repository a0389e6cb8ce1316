"""The inbox and the conversation page, as a reviewer uses them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from conversations.inbox import queues, selectors
from conversations.inbox.queues import QUEUES, View
from conversations.models import Conversation, Message
from conversations.replies import listing, suggesting
from conversations.replies import services as replies
from conversations.replies.models import Presence, Reading, Suggestion
from outreach.access.models import User
from outreach.core import clock
from outreach.events.models import Event
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
    lead = make_lead(email="sam@acme.de", first_name="Sam")
    row = make_conversation(lead)
    sent = make_message(conversation=row, sender=make_sender(display_name="Dana"))
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
    reply = make_reply(row, body="Tell me more, please", follows=sent, subject="Re: Hello", sender=sent.sender)
    Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
    row.refresh_from_db()
    replies.read_by_rules(reply)
    return row


def suggestion_for(conversation: Conversation) -> Suggestion:
    made = suggesting.suggest(conversation)
    assert made is not None
    return made


def test_the_queue_shows_who_waits_longest_first(client, ann, conversation):
    older = make_conversation(make_lead(email="old@acme.de"))
    make_reply(older, body="Hello?")
    Conversation.objects.filter(pk=older.pk).update(waiting_since=clock.now() - timedelta(hours=5))
    rows, following = queues.page(View(), user=ann, now=clock.now())
    assert [row.conversation for row in rows] == [older, conversation]
    assert following == ""
    page = client.get(reverse("inbox:list"))
    assert page.status_code == 200
    assert "Tell me more" in page.content.decode()


def test_pages_follow_each_other_by_key(ann):
    for number in range(5):
        row = make_conversation()
        Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now() - timedelta(minutes=number // 2))
    seen, after = [], ""
    while True:
        rows, after = queues.page(View(), user=ann, now=clock.now(), after=after, limit=2)
        seen += [row.conversation.pk for row in rows]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("queue", list(QUEUES))
def test_every_queue_opens(client, ann, conversation, queue):
    assert client.get(reverse("inbox:list"), {"queue": queue, "channel": "email"}).status_code == 200
    assert client.get(reverse("inbox:list"), {"queue": queue, "after": "rubbish"}).status_code == 200


def test_the_queue_costs_the_same_for_many(client, ann, django_assert_max_num_queries):
    for number in range(12):
        row = make_conversation(make_lead(email=f"p{number}@acme.de"))
        replies.read_by_rules(make_reply(row))
        Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now())
    with django_assert_max_num_queries(14):
        client.get(reverse("inbox:list"))


def test_the_conversation_page_shows_what_was_said_and_how_it_was_read(client, ann, conversation):
    suggestion_for(conversation)
    text = client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    for words in (
        "A short text.",
        "Tell me more, please",
        "Interested",
        "Suggested answer",
        "Why was this sent?",
        "Take over",
    ):
        assert words in text


def test_the_page_costs_the_same_for_long_conversations(client, ann, conversation, django_assert_max_num_queries):
    for _ in range(15):
        replies.read_by_rules(make_reply(conversation, body="And?"))
    address = reverse("inbox:conversation", args=[conversation.pk])
    with django_assert_max_num_queries(32):
        client.get(address, headers={"HX-Request": "true", "HX-Target": "thread"})
    with django_assert_max_num_queries(42):  # with the list beside it
        client.get(address)


def test_a_suggestion_is_sent_as_edited_and_the_edit_is_kept(client, ann, conversation):
    made = suggestion_for(conversation)
    client.post(reverse("inbox:suggestion", args=[made.pk]), {"decision": "use", "body": "My own words"})
    made.refresh_from_db()
    conversation.refresh_from_db()
    message = Message.objects.get(pk=made.sent_message_id)
    assert made.state == "used" and "+My own words" in made.edit
    assert message.body == "My own words" and message.author == ann and message.interaction == made.interaction
    assert conversation.waiting_since is None


def test_a_suggestion_is_sent_once(client, ann, conversation):
    made = suggestion_for(conversation)
    address = reverse("inbox:suggestion", args=[made.pk])
    client.post(address, {"decision": "use", "body": made.body})
    assert client.post(address, {"decision": "use", "body": made.body}).status_code == 409
    assert Message.objects.filter(author=ann).count() == 1


def test_taking_over_stops_the_ai_at_once(client, ann, conversation):
    made = suggestion_for(conversation)
    follow_up = make_message(conversation=conversation, scheduled_at=clock.now() + timedelta(days=2))
    client.post(reverse("inbox:claim", args=[conversation.pk]))
    made.refresh_from_db()
    conversation.refresh_from_db()
    follow_up.refresh_from_db()
    assert (made.state, follow_up.state) == ("superseded", "cancelled")
    assert (conversation.handler, conversation.assigned_to) == ("person", ann)
    assert suggesting.suggest(conversation) is None


def test_the_second_to_take_over_is_told_who_was_first(client, ann, conversation):
    ben = User.objects.create_user("ben", role="reviewer")
    Conversation.objects.filter(pk=conversation.pk).update(handler="person", assigned_to=ben)
    assert client.post(reverse("inbox:claim", args=[conversation.pk])).status_code == 409


def test_two_people_never_answer_without_seeing_each_other(client, ann, conversation):
    seen = selectors.newest_id(conversation)
    address = reverse("inbox:answers", args=[conversation.pk])
    client.post(address, {"body": "First", "channel": "email", "seen": seen})
    page = client.post(
        address, {"body": "Second, typed for long", "channel": "email", "seen": seen}, headers={"HX-Request": "true"}
    )
    assert "Second, typed for long" in page.content.decode()
    assert "ann" in page.content.decode()
    assert Message.objects.filter(author=ann).count() == 1


def test_others_are_seen_looking_and_writing(client, ann, conversation):
    ben = User.objects.create_user("ben", role="reviewer")
    Presence.objects.create(conversation=conversation, user=ben, seen_at=clock.now(), wrote_at=clock.now())
    assert "ben is writing" in client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert selectors.others_here(conversation, user=ann, now=clock.now()) == []


def test_polling_says_nothing_until_something_changed(client, ann, conversation):
    page = client.get(reverse("inbox:timeline", args=[conversation.pk]), headers={"HX-Request": "true"})
    token = page.context["token"]
    address = reverse("inbox:timeline", args=[conversation.pk])
    assert client.get(address, {"seen": token}, headers={"HX-Request": "true"}).status_code == 204
    make_reply(conversation, body="One more thing")
    changed = client.get(address, {"seen": token}, headers={"HX-Request": "true"}).content.decode()
    assert "One more thing" in changed
    assert 'id="composer"' not in changed


def test_polling_never_replaces_a_suggestion_that_is_being_edited(client, ann, conversation):
    made = suggestion_for(conversation)
    page = client.get(
        reverse("inbox:timeline", args=[conversation.pk]),
        {"seen": "old", "suggestion": made.pk},
        headers={"HX-Request": "true"},
    )
    assert "suggestion-body" not in page.content.decode()


def test_a_person_corrects_the_reading(client, ann, conversation):
    reply = conversation.messages.get(direction="in")
    client.post(reverse("inbox:reading", args=[reply.pk]), {"intent": "opt_out"})
    conversation.refresh_from_db()
    assert Reading.objects.filter(message=reply).first().source == "person"
    assert conversation.state == "opted_out"


def test_the_history_says_in_words_why_someone_opted_out(client, ann, conversation):
    reply = make_reply(conversation, body="Please stop writing to me.")
    replies.receive(reply, conversation)
    page = client.get(reverse("inbox:conversation", args=[conversation.pk])).content.decode()
    assert "Opted out: " in page and "parts" not in page


def test_states_notes_snoozes_and_assignments(client, ann, conversation):
    day = (clock.now() + timedelta(days=9)).date()
    client.post(reverse("inbox:notes", args=[conversation.pk]), {"text": "Knows our boss"})
    client.post(reverse("inbox:snooze", args=[conversation.pk]), {"until": day.isoformat()})
    client.post(reverse("inbox:assignment", args=[conversation.pk]), {"to": ann.pk})
    conversation.refresh_from_db()
    assert conversation.snoozed_until.date() == day and conversation.assigned_to == ann
    assert conversation.messages.filter(direction="note").count() == 1
    client.post(reverse("inbox:state", args=[conversation.pk]), {"to": "booked"})
    conversation.refresh_from_db()
    assert conversation.state == "booked" and conversation.waiting_since is None
    assert client.post(reverse("inbox:snooze", args=[conversation.pk]), {"until": "2001-01-01"}).status_code == 400


def test_a_viewer_reads_and_changes_nothing(client, conversation):
    client.force_login(User.objects.create_user("vi", role="viewer"))
    assert client.get(reverse("inbox:conversation", args=[conversation.pk])).status_code == 200
    assert client.post(reverse("inbox:claim", args=[conversation.pk])).status_code == 403


def test_text_messages_are_counted_while_typed(client, ann, conversation):
    page = client.post(reverse("inbox:presence", args=[conversation.pk]), {"body": "Привет", "channel": "sms"})
    assert "UCS-2" in page.content.decode()


def test_the_page_of_a_lead_shows_the_conversation(client, ann, conversation):
    page = client.get(reverse("leads:detail", args=[conversation.lead_id])).content.decode()
    assert reverse("inbox:conversation", args=[conversation.pk]) in page


def test_drafting_again_with_a_note_shows_what_it_changed(client, ann, conversation):
    first = suggestion_for(conversation)
    page = client.post(
        reverse("inbox:suggestions", args=[conversation.pk]),
        {"note": "no link, friendlier"},
        headers={"HX-Request": "true"},
    ).content.decode()
    made = conversation.suggestions.proposed().get()
    assert made != first and made.note == "no link, friendlier"
    assert "Drafted again: “no link, friendlier”" in page
    assert made.redraft.startswith("--- before") == (made.body != first.body)


def test_a_mentioned_colleague_finds_the_conversation(client, ann, conversation):
    bob = User.objects.create_user("bob.b@firm.de", password="x", role="reviewer")
    eve = User.objects.create_user("eve", password="x", role="reviewer", is_active=False)
    page = client.post(
        reverse("inbox:notes", args=[conversation.pk]),
        {"text": "@Bob.B@firm.de please look, @ann knows, @eve not; mail x@bob.b"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "bob.b@firm.de will see it under “Mentions me”" in page
    event = Event.objects.get(kind="conversation.mentioned")
    note = conversation.messages.get(direction="note")
    assert event.payload["user_id"] == bob.pk and event.payload["message_id"] == note.pk
    found = {
        user: [row.conversation for row in queues.page(View(QUEUES["mentions"]), user=user, now=clock.now())[0]]
        for user in (ann, bob, eve)
    }
    assert found == {ann: [], bob: [conversation], eve: []}


def test_tags_are_those_of_the_person_and_found_by_the_search(client, ann, conversation):
    client.post(reverse("inbox:tags", args=[conversation.pk]), {"tags": "vip, Fair 2026"})
    conversation.lead.refresh_from_db()
    assert conversation.lead.tags == ["vip", "fair 2026"]
    Conversation.objects.filter(pk=conversation.pk).update(last_inbound_at=clock.now())
    listing.refresh([conversation.pk])
    rows, _following = queues.page(View(QUEUES["all"], search="vip"), user=ann, now=clock.now())
    assert [row.conversation for row in rows] == [conversation]
    client.post(reverse("inbox:tags", args=[conversation.pk]), {"tags": "vip"})
    conversation.lead.refresh_from_db()
    assert conversation.lead.tags == ["vip"]
