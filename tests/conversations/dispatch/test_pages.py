"""The outbox, the explanation and their doors."""

import json
from datetime import timedelta
from html import unescape

import pytest
from django.core.management import call_command
from django.urls import reverse

from conversations.channels.base import OutcomeUnknown
from conversations.dispatch.explain import why
from conversations.models import Message
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from tests.conversations.factories import make_message, make_stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client) -> User:
    user = User.objects.create_user("olga", role=Role.OPERATOR)
    client.force_login(user)
    return user


def test_the_outbox_shows_what_waits_and_what_needs_a_person(client, operator, tick, carrier):
    doubtful = make_message()
    carrier.answers["*"] = OutcomeUnknown("timeout", "No answer after the final dot.")
    tick()
    make_message()
    page = client.get(reverse("messages:list"))
    assert page.status_code == 200
    assert "No answer after the final dot." in page.content.decode()
    assert "Mark as sent" in page.content.decode()
    assert client.get(reverse("messages:list") + "?tab=waiting").status_code == 200
    assert client.get(reverse("messages:explain", args=[doubtful.pk])).status_code == 200


def test_a_person_settles_on_the_page_and_a_viewer_may_not(client, operator, tick, carrier):
    message = make_message()
    carrier.answers["*"] = OutcomeUnknown("timeout", "No answer.")
    tick()
    url = reverse("messages:action", args=[message.pk, "settle_sent"])
    client.force_login(User.objects.create_user("vera", role=Role.VIEWER))
    assert client.post(url).status_code == 403
    client.force_login(operator)
    client.post(url, {"reason": "In the Sent folder"})
    message.refresh_from_db()
    assert message.state == "sent"


def test_what_the_state_table_does_not_offer_is_said_and_not_done(client, operator, tick):
    message = make_message()
    tick()
    answer = client.post(reverse("messages:action", args=[message.pk, "retry"]), follow=True)
    assert "isn't possible" in unescape(answer.content.decode())
    message.refresh_from_db()
    assert message.state == "sent"


def test_the_api_explains_settles_and_refuses(client, operator):
    message = make_message()
    answer = client.get(f"/api/v1/messages/{message.pk}/explain/").json()
    assert answer["is_sendable_now"] is True
    assert {check["name"] for check in answer["checks"]} >= {"due", "sender_budget", "not_suppressed", "window_open"}
    refused = client.post(
        f"/api/v1/messages/{message.pk}/settlement/",
        {"outcome": "sent", "reason": "x"},
        content_type="application/json",
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "transition_not_allowed"
    assert client.post(f"/api/v1/messages/{message.pk}/look/").json()["code"] == "transition_not_allowed"
    done = client.post(f"/api/v1/messages/{message.pk}/cancellation/", {}, content_type="application/json")
    assert done.json()["state"] == "cancelled"


def test_the_api_looks_at_the_carrier_now(client, operator):
    message = make_message()
    Message.objects.filter(pk=message.pk).update(state="unknown", claimed_at=clock.now(), sending_at=clock.now())
    answer = client.post(f"/api/v1/messages/{message.pk}/look/")
    assert answer.status_code == 200
    assert answer.json()["is_settled"] is False
    assert answer.json()["message"]["state"] == "unknown"


def test_the_command_line_lists_and_explains(capsys):
    message = make_message()
    call_command("message", "list", "--state", "waiting", "--json")
    assert json.loads(capsys.readouterr().out)["id"] == message.pk
    call_command("message", "explain", str(message.pk), "--json")
    assert json.loads(capsys.readouterr().out)["is_sendable_now"] is True


def test_what_held_a_message_back_until_now_is_not_said_any_more(db):
    row = make_message()
    Message.objects.filter(pk=row.pk).update(state="deferred", error="Outside the hours.")
    row.refresh_from_db()
    assert "It is due and will be sent" in why(row, row.scheduled_at)
    assert why(row, row.scheduled_at - timedelta(seconds=1)) == "Outside the hours."


def test_a_sender_that_does_not_send_is_named_before_anything_else(db):
    row = make_message()
    row.sender.state, row.sender.state_reason = "paused", "Wrong password."
    assert why(row, clock.now()).endswith("is not active: Wrong password.")


def test_what_holds_a_message_stands_first(client, operator):
    row = make_message(stream=make_stream(is_active=False))
    page = client.get(reverse("messages:explain", args=[row.pk]))
    assert [check.name for check in page.context["explanation"].holding] == ["stream_active"]
    shown = page.content.decode()
    assert shown.index("holds it") < shown.index("checks passed") < shown.index("passes</span>")


def test_what_would_hold_a_message_now_is_not_said_of_one_that_left(client, operator, tick):
    row = make_message()
    tick()
    row.stream.is_active = False
    row.stream.save()
    shown = client.get(reverse("messages:explain", args=[row.pk])).content.decode()
    assert "It was sent" in shown and "holds it" not in shown
