"""Webhooks on the pages, over the API and from the command line; the registry of events."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from outreach.events import kinds
from outreach.events.services import publish
from outreach.jobs.draining import drain
from outreach.webhooks.models import Subscription
from tests.outreach.access.factories import make_user
from tests.outreach.webhooks.conftest import subscribe

pytestmark = pytest.mark.django_db
INDEX = "/settings/webhooks/"
API = "/api/v1/webhooks/"


@pytest.fixture
def admin(client):
    client.force_login(make_user("administrator"))
    return client


def text(response):
    return response.content.decode()


def test_the_secret_is_shown_once(admin, receiver):
    given = {"url": receiver.url, "is_local": "on", "kinds": ["reply.received"], "description": "CRM"}
    page = admin.post(f"{INDEX}new/webhook/", given)
    row = Subscription.objects.get()
    (secret,) = row.signing_secrets()
    assert secret in text(page) and page["Cache-Control"] == "no-store"
    assert row.kinds == ["reply.received"]
    for address in (INDEX, f"{INDEX}{row.pk}/", f"{INDEX}{row.pk}/edit/"):
        assert secret not in text(admin.get(address))


def test_wrong_input_comes_back_with_its_reason(admin):
    page = admin.post(f"{INDEX}new/webhook/", {"url": "http://a.example/", "everything": "on"})
    assert page.status_code == 422 and "use an https address" in text(page)


def test_a_delivery_is_shown_with_event_and_answer_and_sent_again(admin, receiver):
    receiver.answers.append((410, {}, "gone away"))
    row = subscribe(receiver.url, "lead.created")
    publish("lead.created", lead_id=5)
    drain()
    page = text(admin.get(f"{INDEX}{row.pk}/"))
    assert "HTTP 410" in page and "Switched off." in page
    delivery = row.deliveries.get()
    shown = text(admin.get(f"{INDEX}{row.pk}/deliveries/{delivery.pk}/"))
    assert "gone away" in shown and "&quot;lead_id&quot;: 5" in shown
    admin.post(f"{INDEX}{row.pk}/activity/", {"is_active": "1"})
    admin.post(f"{INDEX}{row.pk}/deliveries/{delivery.pk}/replay/")
    drain()
    assert len(receiver.requests) == 2
    assert "Webhooks switched off" not in text(admin.get("/"))


def test_a_test_tells_what_the_receiver_said(admin, receiver):
    receiver.answers.append(500)
    row = subscribe(receiver.url)
    page = admin.post(f"{INDEX}{row.pk}/test/", {"kind": "lead.created"}, follow=True)
    assert "The test failed: HTTP 500" in text(page)


@pytest.mark.parametrize("role", ["viewer", "reviewer", "operator"])
def test_only_administrators_see_where_events_go(client, role, receiver):
    row = subscribe(receiver.url)
    client.force_login(make_user(role))
    for address in (INDEX, f"{INDEX}{row.pk}/", API, f"{API}{row.pk}/", f"{API}{row.pk}/deliveries/"):
        assert client.get(address).status_code == 403
    assert client.post(f"{INDEX}{row.pk}/rotation/").status_code == 403


def test_a_subscription_lives_its_life_over_the_api(admin, receiver):
    def post(path, body=None):
        return admin.post(API + path, json.dumps(body or {}), content_type="application/json")

    made = post("", {"url": receiver.url, "kinds": ["lead.*"], "is_local": True})
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    number = made.json()["id"]
    assert "secret" not in admin.get(f"{API}{number}/").json()
    assert post(f"{number}/test/").json()["status_code"] == 204
    assert post(f"{number}/rotate/").json()["secret"] != made.json()["secret"]
    publish("lead.created", lead_id=1)
    drain()
    found = admin.get(f"{API}{number}/deliveries/?state=delivered").json()["results"]
    assert [bool(row["event"]) for row in found] == [True, False], "the event, then the test"
    assert post(f"{number}/deliveries/{found[0]['id']}/replay/").json()["state"] == "waiting"
    assert post(f"{number}/replay-failed/", {"since": "2020-01-01T00:00:00Z"}).json() == {"count": 0}
    assert post(f"{number}/disable/").json()["is_active"] is False
    wrong = admin.put(
        f"{API}{number}/", json.dumps({"url": receiver.url, "kinds": ["x.y"]}), content_type="application/json"
    )
    assert wrong.status_code == 400
    assert admin.delete(f"{API}{number}/").status_code == 204


def test_a_subscription_lives_its_life_from_the_command_line(receiver, capsys):
    def run(*arguments):
        call_command("webhook", *arguments, "--json")
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (made,) = run("add", receiver.url, "--event", "lead.created", "--local")
    number = str(made["id"])
    assert made["secret"].startswith("whsec_")
    assert [row["id"] for row in run("list")] == [made["id"]]
    assert run("test", number)[0]["state"] == "delivered"
    assert run("rotate", number)[0]["secret"] != made["secret"]
    assert run("replay", number, "--since", "2020-01-01")[0] == {"replayed": 0}
    assert run("switch", number, "--no-on")[0]["is_active"] is False
    assert {row["type"] for row in run("events")} == set(kinds.kinds())


def test_every_event_has_an_example_that_names_what_its_ids_stand_for(admin):
    page = text(admin.get(f"{INDEX}events/"))
    found = {row["type"]: row["example"] for row in admin.get("/api/v1/events/types/").json()}
    assert {"lead.created", "lead.qualified", "scraper.progress", "conversation.booked", "campaign.started"} <= set(
        found
    )
    for name, example in found.items():
        assert f"<code>{name}</code>" in page
        assert json.loads(json.dumps(example))["type"] == name
        named = {subject.name for subject in kinds.SUBJECTS.entries() if subject.key in example["data"]}
        assert named <= set(example["data"])


def test_what_is_described_has_the_fields_of_its_example():
    from tests.campaigns.factories import make_campaign
    from tests.conversations.factories import make_message
    from tests.leads.factories import make_lead

    message = make_message(lead=make_lead(email="a@b.example"))
    rows = {"lead_id": message.lead_id, "message_id": message.pk, "conversation_id": message.conversation_id,
            "sender_id": message.sender_id, "campaign_id": make_campaign().pk}  # fmt: skip
    for subject in kinds.SUBJECTS.entries():
        if rows.get(subject.key) and (told := subject.describe(rows[subject.key])):
            assert set(told) == set(subject.example), subject.name
