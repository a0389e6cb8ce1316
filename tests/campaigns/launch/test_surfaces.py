"""Preflight by page, API and command line."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from campaigns.launch import recipients as services
from campaigns.models import Candidate
from outreach.core import clock
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_lead, make_sender, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(settings):
    """One person at a domain that takes mail, one at a dead one; sent from a domain without SPF."""
    settings.DNS_TABLE = {"gone.example": {"MX": ["."]}, "ourfirm.de": {"MX": ["mx.ourfirm.de"]}}
    campaign = make_campaign(audience_frozen_at=clock.now())
    step = campaign.steps.get()
    step.sender = make_sender(adapter="smtp", address="me@ourfirm.de")
    step.save()
    for domain in ("fabrikam.example", "gone.example"):
        lead = make_lead()
        lead.identities.filter(channel="email").update(address=f"p{lead.pk}@{domain}")
        Candidate.objects.create(campaign=campaign, lead=lead, stage="qualified")
    return campaign


def test_the_page_checks_and_shows(client, campaign):
    client.force_login(make_user("operator"))
    page = f"/campaigns/{campaign.pk}/preflight/"
    assert "have not been checked since the audience was frozen" in client.get(page).content.decode()
    client.post(page + "recipients/")
    sender = campaign.steps.get().sender
    client.post(f"/senders/{sender.pk}/domain-checks/")
    drain()
    text = client.get(page).content.decode()
    assert "Not ready" in text
    assert "Publish a TXT record at the domain that starts with v=spf1" in text
    assert "Removed by the last check" in text


def test_a_viewer_looks_and_does_not_touch(client, campaign):
    client.force_login(make_user("viewer"))
    page = f"/campaigns/{campaign.pk}/preflight/"
    assert client.get(page).status_code == 200
    assert client.post(page + "recipients/").status_code == 403


def test_the_api(client, campaign):
    client.force_login(make_user("operator"))
    address = f"/api/v1/campaigns/{campaign.pk}/preflight"
    assert client.get(address).json()["recipients"] is None
    assert client.post(address).status_code == 202
    drain()
    body = client.get(address).json()
    assert (body["recipients"]["good"], body["recipients"]["excluded"]) == (1, 1)
    assert {"place", "text", "is_blocking"} == set(body["problems"][0])
    sender = campaign.steps.get().sender
    rows = client.post(f"/api/v1/senders/{sender.pk}/domain-checks/").json()
    assert next(row for row in rows if row["check"] == "spf")["verdict"] == "fail"


def test_the_command_line(campaign, capsys):
    call_command("campaign", "preflight", campaign.name, "--check", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["excluded"] == 1
    assert any(line.get("place") == "domain" for line in lines[1:])
    call_command("sender", "domain", campaign.steps.get().sender.name, "--json")
    assert '"check":"dmarc"' in capsys.readouterr().out
    assert services.last_survey(campaign.__class__.objects.get()).excluded == 1


def test_the_mailboxes_are_asked_for_by_page_api_and_command(client, campaign, capsys):
    campaign.steps.update(sender=make_sender())
    client.force_login(make_user("operator"))
    page = f"/campaigns/{campaign.pk}/preflight/"
    assert "Check mailboxes too" in client.get(page).content.decode()
    client.post(page + "recipients/", {"verifies": "1"})
    drain()
    assert services.last_survey(campaign_again(campaign)).verified == 1
    assert "Mailboxes checked" in client.get(page).content.decode()
    Candidate.objects.filter(campaign=campaign).first().lead.identities.update(status="unknown", status_reason="")
    client.post(f"/api/v1/campaigns/{campaign.pk}/preflight", {"verifies": True}, content_type="application/json")
    drain()
    assert services.last_survey(campaign_again(campaign)).verified == 1
    call_command("campaign", "preflight", str(campaign.pk), "--verify", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[0])["verified"] == 0


def campaign_again(campaign):
    campaign.refresh_from_db()
    return campaign
