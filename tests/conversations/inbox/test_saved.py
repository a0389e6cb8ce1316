"""Saved replies: written once, filled with what is known of a person, never with blanks."""

import pytest
from django.urls import reverse

from conversations.inbox.models import SavedReply
from outreach.access.models import User
from tests.conversations.factories import make_conversation, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client):
    user = User.objects.create_user("ann", password="x", role="reviewer", first_name="Ann", last_name="Lee")
    client.force_login(user)
    return user


@pytest.fixture
def conversation():
    return make_conversation(make_lead(email="sam@acme.de", first_name="SAM"))


def offered(client, conversation, **given) -> str:
    return client.get(reverse("inbox:saved-choice", args=[conversation.pk]), given).content.decode()


def test_a_text_is_filled_with_cleaned_facts(client, ann, conversation):
    SavedReply.objects.create(name="Thanks", body="Hi {{ first_name }}, thanks. {{ my_name }}")
    assert 'data-insert="Hi Sam, thanks. Ann Lee"' in offered(client, conversation)


def test_what_is_not_known_is_said_instead_of_leaving_a_gap(client, ann, conversation):
    SavedReply.objects.create(name="City", body="How is {{ city }}?")
    SavedReply.objects.create(name="Any city", body='How is {{ city | default: "it" }}?')
    shown = offered(client, conversation)
    assert "Not known: their city" in shown and 'data-insert="How is it?"' in shown


def test_they_are_found_by_name_and_text(client, ann, conversation):
    SavedReply.objects.create(name="Price", body="It costs nothing.")
    SavedReply.objects.create(name="Thanks", body="Thank you.")
    assert "Price" in offered(client, conversation, find="costs") and "Thanks" not in offered(
        client, conversation, find="costs"
    )


@pytest.mark.parametrize("body", ["Hi {{ first_nam }}", "Hi {{ first_name", "{% for a in b %}", " "])
def test_a_text_that_could_not_be_filled_is_not_saved(client, ann, body):
    answer = client.post(reverse("inbox:saved-reply-new"), {"name": "Broken", "body": body})
    assert answer.status_code == 400 and not SavedReply.objects.exists()


def test_it_is_written_changed_and_deleted_on_its_page(client, ann):
    client.post(reverse("inbox:saved-reply-new"), {"name": "Thanks", "body": "Thank you, {{ first_name }}."})
    row = SavedReply.objects.get()
    client.post(reverse("inbox:saved-reply", args=[row.pk]), {"name": "Thanks", "body": "Many thanks."})
    row.refresh_from_db()
    assert row.body == "Many thanks."
    assert "Many thanks." in client.get(reverse("inbox:saved-replies")).content.decode()
    client.post(reverse("inbox:saved-reply-delete", args=[row.pk]))
    assert not SavedReply.objects.exists()


def test_a_viewer_reads_them_and_changes_nothing(client):
    client.force_login(User.objects.create_user("vic", password="x", role="viewer"))
    assert client.get(reverse("inbox:saved-replies")).status_code == 200
    assert client.post(reverse("inbox:saved-reply-new"), {"name": "A", "body": "B"}).status_code == 403
