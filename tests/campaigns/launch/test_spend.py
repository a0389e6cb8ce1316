"""What models cost for a campaign is seen and capped where its founder looks."""

import json
from decimal import Decimal

import pytest
from django.core.management import call_command

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from leads.segments.services import save_segment
from outreach.jobs.draining import drain
from outreach.jobs.models import Job
from outreach.llm import pricing, spending
from outreach.llm.models import Interaction
from outreach.llm.services import open_trace
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.llm_fixtures import configured, fake

__all__ = ["fake"]
EVERYONE = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def campaign(db, settings, fake):
    configured(settings, fake, chain=["fake/gpt-4o-mini"])
    campaign = make_campaign()
    make_candidate(campaign)
    return campaign


@pytest.fixture
def priced(monkeypatch):
    monkeypatch.setattr(pricing, "cost_usd", lambda **_: Decimal("0.40"))


@pytest.fixture
def operator(client, db):
    client.force_login(make_user("operator"))
    return client


def spend(campaign, usd):
    trace = open_trace("draft", campaign_id=campaign.pk)
    call = {"step": "draft", "route": "draft", "provider": "fake", "model": "m"}
    Interaction.objects.create(trace=trace, campaign_id=campaign.pk, cost_usd=Decimal(usd), **call)


def test_the_page_shows_what_was_spent_the_cap_and_the_forecast(operator, campaign, priced):
    spend(campaign, "1.25")
    page = f"/campaigns/{campaign.pk}/"
    assert "$1.25 spent, no cap" in operator.get(page).content.decode()
    saved = operator.post(f"/campaigns/{campaign.pk}/spend-cap/", {"usd": "2,50"}, follow=True).content.decode()
    assert "$1.25 of $2.50 spent" in " ".join(saved.split())
    assert "Drafts for 1 person by a model: about $" in " ".join(saved.split())
    assert "Only estimated" in saved
    operator.post(f"/campaigns/{campaign.pk}/spend-cap/", {"usd": ""})
    assert spending.own_cap(campaign.pk) is None


@pytest.mark.parametrize("usd", ["much", "-1", "0", "NaN", "1e9"])
def test_a_cap_that_is_no_amount_is_refused(operator, campaign, usd):
    page = operator.post(f"/campaigns/{campaign.pk}/spend-cap/", {"usd": usd}, follow=True).content.decode()
    assert "Enter an amount" in page
    assert spending.own_cap(campaign.pk) is None


def test_a_reviewer_may_not_set_it(client, campaign):
    client.force_login(make_user("reviewer"))
    assert client.post(f"/campaigns/{campaign.pk}/spend-cap/", {"usd": "5"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_drafting_waits_at_the_campaign_s_own_cap_and_goes_on_when_it_is_raised(operator, campaign, fake, priced):
    url = f"/campaigns/{campaign.pk}/spend-cap/"
    operator.post(url, {"usd": "0.30"})
    drafts.generate(campaign=campaign)
    drain("llm")
    assert fake.requests == [] and not Draft.objects.exists()
    page = operator.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "the spend cap of $0.30 for this campaign is reached" in page
    operator.post(url, {"usd": "5"})
    drain("llm")
    assert Draft.objects.exists() and not Job.objects.get().is_queued


def test_the_plan_tells_what_its_people_would_cost(operator, campaign, priced):
    step = campaign.steps.get()
    version = save_segment(name="Everyone", criteria=EVERYONE, created_by=None)
    given = {"segment": version.segment_id, "step0-pack_version": step.pack_version_id}
    page = operator.get("/campaigns/audience-count/", given).content.decode()
    assert "by a model: about $" in " ".join(page.split())


def test_the_api_and_the_command_say_and_set_the_same(operator, campaign, capsys):
    url = f"/api/v1/campaigns/{campaign.pk}/model-costs/"
    told = operator.put(url, {"cap_usd": "3.50"}, content_type="application/json").json()
    assert told["cap_usd"] == "3.50" and told["forecast"]["people"] == 1 and told["forecast"]["is_measured"] is False
    call_command("campaign", "costs", str(campaign.pk), "--cap", "4", "--json")
    line = json.loads(capsys.readouterr().out)
    assert Decimal(line["cap_usd"]) == 4 and line["forecast_people"] == 1
