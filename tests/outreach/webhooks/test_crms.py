"""HubSpot and Pipedrive: people and what happened to them, once each, however often an event is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from outreach.core.errors import Invalid
from outreach.events.services import publish
from outreach.jobs.draining import drain
from outreach.webhooks import services
from outreach.webhooks.connectors import crm as rules
from outreach.webhooks.connectors.hubspot import DEFAULT_MAPPING
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.models import Delivery, Subscription
from tests.conversations.factories import make_conversation, make_reply
from tests.leads.factories import make_lead
from tests.outreach.webhooks.conftest import ACTOR, subscribe
from tests.servers.fake_crm import TOKEN, FakeCrm

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm(monkeypatch) -> Iterator[FakeCrm]:
    with FakeCrm() as fake:
        for name in ("hubspot", "pipedrive"):
            monkeypatch.setattr(CONNECTORS[name], "base_url", fake.url)
        yield fake


def connect(name: str, token: str = TOKEN) -> Subscription:
    fields = {"hubspot": {"mapping": DEFAULT_MAPPING}, "pipedrive": {"company": "acme", "mapping": "a1b2 = url"}}[name]
    return subscribe("", "reply.received", "lead.created", connector=name, token=token, **fields)


def reply() -> int:
    """A reply of Anna's; the number of its event."""
    lead = make_lead("Anna Nowak", email="anna@firm.example", title="Head of Operations")
    message = make_reply(make_conversation(lead), subject="Re: trucks", body="Yes <please>")
    event = publish("reply.received", message_id=message.pk, conversation_id=message.conversation_id, lead_id=lead.pk)
    drain()
    return event.pk


def again() -> None:
    services.replay(delivery=Delivery.objects.select_related("subscription").get(), actor=ACTOR)
    drain()


def test_hubspot_gets_a_contact_and_a_note_on_it(crm):
    connect("hubspot")
    number = reply()
    contact = crm.records["contacts"]["anna@firm.example"]
    note = crm.records["notes"][f"evt_{number}"]
    assert contact["properties"] == {
        "email": "anna@firm.example", "firstname": "Anna", "lastname": "Nowak", "jobtitle": "Head of Operations",
    }  # fmt: skip
    assert "Yes &lt;please&gt;" in note["properties"]["hs_note_body"]
    assert crm.associations == {(note["id"], contact["id"])}
    assert Delivery.objects.get().state == "delivered"


def test_pipedrive_gets_a_person_and_a_done_activity(crm):
    connect("pipedrive")
    reply()
    ((number, person),) = crm.persons.items()
    (activity,) = crm.activities.values()
    assert (person["name"], person["emails"][0]["value"]) == ("Anna Nowak", "anna@firm.example")
    assert person["custom_fields"]["a1b2"].endswith(f"/leads/{Delivery.objects.get().event.payload['lead_id']}/")
    assert activity["subject"] == "Reply received: Re: trucks" and activity["done"] is True
    assert activity["participants"] == [{"person_id": number, "primary": True}]


@pytest.mark.parametrize("name", ["hubspot", "pipedrive"])
def test_a_repeated_event_changes_nothing(crm, name):
    connect(name)
    reply()
    before = (crm.records, crm.associations, crm.persons, crm.activities)
    counts = [len(crm.records["contacts"]), len(crm.records["notes"]), len(crm.persons), len(crm.activities)]
    again()
    assert before == (crm.records, crm.associations, crm.persons, crm.activities)
    assert counts == [len(crm.records["contacts"]), len(crm.records["notes"]), len(crm.persons), len(crm.activities)]


@pytest.mark.parametrize("name", ["hubspot", "pipedrive"])
def test_what_broke_in_the_middle_is_completed_later(crm, name):
    crm.faults.extend([(429, {"Retry-After": "60"})])
    connect(name)
    reply()
    waiting = Delivery.objects.get()
    assert waiting.error == "HTTP 429"
    assert waiting.next_attempt_at - timezone.now() > timedelta(seconds=55)
    crm.faults.append(503)
    Delivery.objects.update(next_attempt_at=timezone.now())
    services.wake()
    drain()
    crm.faults.clear()
    Delivery.objects.update(next_attempt_at=timezone.now())
    services.wake()
    drain()
    assert Delivery.objects.get().state == "delivered"
    assert len(crm.records["notes"]) + len(crm.activities) == 1


@pytest.mark.parametrize("name", ["hubspot", "pipedrive"])
def test_a_test_asks_whether_the_token_is_right_and_makes_nobody_up(crm, name):
    row = connect(name)
    assert services.send_test(subscription=row, kind="", actor=ACTOR).status_code == 200
    assert not crm.persons and not crm.records["contacts"]
    wrong = connect(name, token="wrong")
    assert services.send_test(subscription=wrong, kind="", actor=ACTOR).error == "HTTP 401"
    assert "wrong" not in wrong.secrets_token


def test_a_person_without_an_address_is_passed_over(crm):
    connect("hubspot")
    publish("lead.created", lead_id=make_lead("Anna Nowak").pk)
    drain()
    assert Delivery.objects.get().state == "delivered" and crm.requests == []


def test_a_mapping_names_our_fields():
    assert rules.mapping_of("jobtitle = title\n\nhs_x=city ") == {"jobtitle": "title", "hs_x": "city"}
    for wrong in ("jobtitle", "= title", "jobtitle = salary"):
        with pytest.raises(Invalid):
            rules.mapping_of(wrong)


def test_a_wrong_mapping_or_company_is_refused_when_it_is_entered():
    with pytest.raises(Invalid) as mapping:
        subscribe("", "lead.created", connector="hubspot", token=TOKEN, mapping="jobtitle = salary")
    with pytest.raises(Invalid) as company:
        subscribe("", "lead.created", connector="pipedrive", token=TOKEN, company="evil.example/")
    assert (mapping.value.field, company.value.field) == ("mapping", "company")
