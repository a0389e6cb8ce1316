"""What several people's conversations were changed alike in is learned, and nothing else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conversations.models import Conversation, Message
from conversations.playbooks import services as playbooks
from conversations.playbooks.definition import parse
from conversations.replies import services as replies
from conversations.replies import suggesting
from conversations.replies.lessons import Lesson, learn
from conversations.replies.selectors import lessons
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead, make_message, make_reply, make_sender

DRAFT = "Hi {name},\n\nThanks for asking. It works with HubSpot. Shall we talk?\n\nDana"


def edited(sent: str, *names: str) -> list[tuple[int, str, str]]:
    return [(number, DRAFT.format(name=name), sent.format(name=name)) for number, name in enumerate(names, start=1)]


def test_what_three_conversations_lose_or_say_otherwise_is_learned():
    sent = "Hi {name},\n\nIt works with HubSpot. Is Tuesday good? Or Friday?\n\nDana"
    found = learn(edited(sent, "Sam", "Mia", "Tom"))
    assert set(found) == {
        Lesson("Thanks for asking.", "", 3, 3),
        Lesson("Shall we talk?", "Is Tuesday good? Or Friday?", 3, 3),
    }
    assert found.applied(DRAFT.format(name="Kim")) == sent.format(name="Kim")
    assert found.applied("Thanks for asking.") == "Thanks for asking.", "something is always left"


@pytest.mark.parametrize(
    ("names", "others"),
    [(("Sam", "Mia"), ()), (("Sam", "Mia", "Tom"), ("Kim", "Lee", "Ned"))],
    ids=["two conversations", "kept as often"],
)
def test_what_few_change_or_as_many_leave_is_not(names, others):
    kept = [(100 + number, DRAFT.format(name=name), DRAFT.format(name=name)) for number, name in enumerate(others)]
    assert learn([*edited("Hi {name},\n\nIt works with HubSpot.", *names), *kept]) == ()


def test_one_conversation_counts_once_and_what_is_said_to_one_person_is_never_learned():
    again = [(1, DRAFT.format(name="Sam"), "Hi Sam,\n\nYour mother called.\n\nDana")] * 5
    assert learn(again) == ()
    personal = [(n, DRAFT.format(name="Sam"), DRAFT.format(name=f"Mr {n}") + f"\nYour code is {n}.") for n in range(9)]
    assert learn(personal) == ()


@pytest.fixture
def ann(client):
    user = User.objects.create_user("ann", password="x", role="reviewer")
    client.force_login(user)
    return user


@pytest.fixture
def asked():
    """Conversations in which the same is asked, drafted by rules."""
    words = {"en": {"facts": [{"about": "crm", "text": "It works with HubSpot. It works with Pipedrive."}]}}
    made = playbooks.save_playbook(name="Facts", definition=parse({"words": words}), created_by=None)
    playbooks.make_default(playbook=made.playbook, user=None)
    sender = make_sender(display_name="Dana")

    def ask(name: str):
        row = make_conversation(make_lead(email=f"{name}@{name}-works.de", first_name=name.title()))
        sent = make_message(conversation=row, sender=sender)
        Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=clock.now())
        reply = make_reply(row, body="Which CRM does it work with?", follows=sent, subject="Re: Hello", sender=sender)
        Conversation.objects.filter(pk=row.pk).update(waiting_since=clock.now(), state="engaged", handler="ai")
        row.refresh_from_db()
        replies.read_by_rules(reply)
        return suggesting.suggest(row)

    return ask


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("instead", "is_followed"), [("", True), ("It also works with Zoho at no cost.", False)], ids=["out", "a promise"]
)
def test_the_next_draft_follows_unless_that_would_promise_what_the_playbook_does_not(
    client, ann, asked, instead, is_followed
):
    for name in ("sam", "mia", "tom"):
        made = asked(name)
        text = made.body.replace("It works with Pipedrive.", instead).replace("  ", " ")
        replies.use_suggestion(suggestion=made, user=ann, body=text)
    following = asked("kim")
    assert "It works with HubSpot." in following.body
    assert ("Pipedrive" not in following.body) is is_followed and "Zoho" not in following.body
    assert [lesson.sentence for lesson in lessons(following.playbook_version.playbook)] == ["It works with Pipedrive."]
    shown = client.get(reverse("inbox:patterns")).content.decode()
    assert "changed: 3" in shown and "It works with Pipedrive." in shown
