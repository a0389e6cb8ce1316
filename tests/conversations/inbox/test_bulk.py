"""One action on many selected conversations."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conversations.models import Conversation
from outreach.access.models import User
from outreach.core import clock
from tests.conversations.factories import make_conversation, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client):
    user = User.objects.create_user("ann", password="x", role="reviewer")
    client.force_login(user)
    return user


@pytest.fixture
def talks():
    rows = [make_conversation(make_lead(email=f"p{n}@acme.de")) for n in range(3)]
    Conversation.objects.update(state="engaged", waiting_since=clock.now())
    return rows


def act(client, rows, **given):
    ids = ",".join(str(row.pk) for row in rows)
    return client.post(reverse("inbox:bulk"), {"ids": ids, **given}, headers={"HX-Request": "true"})


def test_close_and_only_the_selected(client, ann, talks):
    answer = act(client, talks[:2], action="close")
    assert "2 conversations changed" in answer["HX-Trigger"]
    assert [c.state for c in Conversation.objects.order_by("pk")] == ["closed", "closed", "engaged"]


def test_assign_to_a_person_and_to_no_one(client, ann, talks):
    act(client, talks, action="assign", to=str(ann.pk))
    assert Conversation.objects.filter(assigned_to=ann).count() == 3
    act(client, talks, action="assign", to="")
    assert Conversation.objects.filter(assigned_to=None).count() == 3


def test_snooze_in_words(client, ann, talks):
    act(client, talks, action="snooze", until="in 2 weeks")
    assert all(c.snoozed_until > clock.now() + timedelta(days=12) for c in Conversation.objects.all())


def test_no_answer_needed(client, ann, talks):
    act(client, talks, action="no_answer")
    assert not Conversation.objects.exclude(waiting_since=None).exists()


def test_what_one_refuses_does_not_hold_up_the_others_and_is_said(client, ann, talks):
    Conversation.objects.filter(pk=talks[0].pk).update(state="closed")
    answer = act(client, talks, action="close")
    assert "2 conversations changed" in answer["HX-Trigger"] and str(talks[0]) in answer["HX-Trigger"]


@pytest.mark.parametrize("given", [{"action": "snooze", "until": "soon"}, {"action": "explode"}, {}])
def test_nothing_is_done_when_it_is_not_clear_what(client, ann, talks, given):
    assert act(client, talks, **given).status_code == 400
    assert Conversation.objects.filter(state="engaged", snoozed_until=None).count() == 3


def test_a_viewer_may_not(client, talks):
    client.force_login(User.objects.create_user("vic", password="x", role="viewer"))
    assert act(client, talks, action="close").status_code == 403
