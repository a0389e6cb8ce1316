import json

import pytest
from django.core.management import call_command
from django.test import Client

from campaigns.audience import live
from campaigns.audience.models import LiveMatch
from leads.segments.services import save_segment
from tests.campaigns.factories import make_lead, make_user

pytestmark = pytest.mark.django_db
HEADS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]}
CLERKS = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["clerk"]}]}


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("operator"))
    return client


@pytest.fixture
def campaign(make_live):
    make_lead(title="Head of People", title_key="head of people", full_name="Ann Lee")
    campaign = make_live(HEADS)
    live.tick()
    return campaign


def newer(campaign, criteria):
    segment = campaign.segment_version.segment
    return save_segment(name=segment.name, criteria=criteria, created_by=None, segment=segment)


def test_the_page_shows_who_is_next_and_the_card_the_counts(client, campaign):
    page = client.get(f"/campaigns/{campaign.pk}/live/").content.decode()
    assert "Ann Lee" in page
    assert "Next in line" in page
    card = client.get(f"/campaigns/{campaign.pk}/live/", headers={"HX-Request": "true"}).content.decode()
    assert "Waiting" in card
    assert "<html" not in card
    assert f"/campaigns/{campaign.pk}/live/" in client.get(f"/campaigns/{campaign.pk}/").content.decode()


def test_a_newer_version_is_offered_and_taken_with_the_choice_that_was_made(client, campaign):
    clerk = make_lead(title="Clerk", title_key="clerk")
    newer(campaign, CLERKS)
    assert "newer version" in client.get(f"/campaigns/{campaign.pk}/live/").content.decode()
    answer = client.post(
        f"/campaigns/{campaign.pk}/criteria/", {"segment": campaign.segment_version.segment_id, "scope": "new"}
    )
    assert answer.status_code == 302
    assert set(LiveMatch.objects.values_list("lead_id", flat=True)) == {clerk.pk}


def test_a_choice_that_was_not_made_is_asked_for(client, campaign):
    page = client.post(
        f"/campaigns/{campaign.pk}/criteria/", {"segment": campaign.segment_version.segment_id}, follow=True
    )
    assert "new leads only, or “all”" in page.content.decode()


def test_a_frozen_campaign_says_that_it_has_no_set(client, make_live):
    campaign = make_live(HEADS)
    type(campaign).objects.update(mode="once")
    assert "frozen audience" in client.get(f"/campaigns/{campaign.pk}/live/").content.decode()
    assert client.get(f"/api/v1/campaigns/{campaign.pk}/live").status_code == 409


def test_the_api_shows_the_set_and_changes_its_criteria(client, campaign):
    url = f"/api/v1/campaigns/{campaign.pk}"
    shown = client.get(f"{url}/live").json()
    assert (shown["waiting"], shown["is_full"], shown["entered_count"]) == (1, False, 1)
    assert [row["rank"] for row in client.get(f"{url}/live/leads?limit=5").json()] != []
    assert client.get(f"{url}/live/leads?limit=0").status_code == 400
    version = newer(campaign, CLERKS)
    changed = client.post(f"{url}/criteria", {"segment_version": version.pk, "scope": "all"}, "application/json")
    assert (changed.status_code, changed.json()["waiting"]) == (200, 0)
    assert client.post(f"{url}/criteria", {"scope": "all"}, "application/json").status_code == 400


def test_the_command_shows_sets_and_does_what_is_due(campaign, capsys):
    call_command("live", "list", "--json")
    row = json.loads(capsys.readouterr().out)
    assert (row["campaign"], row["waiting"]) == (campaign.pk, 1)
    call_command("live", "show", str(campaign.pk), "--json")
    assert json.loads(capsys.readouterr().out)["rank"] > 0
    make_lead(title="Head", title_key="head")
    call_command("live", "drain", "--json")
    assert json.loads(capsys.readouterr().out)["entered"] == 1
    call_command("live", "match", str(campaign.pk), "--json")
    assert json.loads(capsys.readouterr().out)["waiting"] == 2


def test_the_admin_lists_sets(campaign):
    client = Client()
    admin = make_user("administrator")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    client.force_login(admin)
    assert client.get("/admin/audience/liveset/").status_code == 200
