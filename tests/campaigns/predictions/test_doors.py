"""Predictions on pages, over the API and by command: with their data size, and silent below the floor."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Candidate, Outcome
from campaigns.predictions import selectors
from campaigns.predictions.arithmetic import silence
from campaigns.predictions.models import PredictionNight, PredictionUse
from conversations.models import Message
from conversations.services import conversation_for
from leads.models import Lead
from leads.qualification.services import save_brief
from outreach.core import clock
from outreach.core.models import AuditEntry
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_user
from tests.campaigns.predictions.histories import know
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    user = make_user("operator")
    client.force_login(user)
    return client


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(make_user("operator"))
    return client


@pytest.fixture
def known():
    return know()


@pytest.fixture
def campaign(known):
    """Sending, with 60 people in line and one who replied."""
    found = make_campaign(state="sending")
    company = make_lead().company
    leads = Lead.objects.bulk_create([Lead(full_name=f"Joe {n}", company=company) for n in range(61)])
    people = Candidate.objects.bulk_create(
        [Candidate(campaign=found, lead=lead, stage="qualified") for lead in leads[:60]]
        + [Candidate(campaign=found, lead=leads[60], stage="replied")]
    )
    sent = Message.objects.create(
        conversation=conversation_for(lead=leads[60]), stream=found.stream, sender=found.steps.get().sender,
        channel="email", state="sent", sent_at=clock.now() - timedelta(days=30),
    )  # fmt: skip
    make_draft(people[60], state="handed_over", message=sent)
    Outcome.objects.create(candidate=people[60], kind="replied", message=sent, occurred_at=clock.now())
    return found


def test_below_the_floor_pages_say_what_is_missing_and_the_api_nothing(operator, api, capsys):
    candidate = make_candidate(make_campaign())
    campaign = candidate.campaign
    assert "Predictions start once 300 people" in operator.get(reverse("campaigns:prediction-models")).text
    assert "Too little is known" in operator.get(reverse("campaigns:predictions", args=[campaign.pk])).text
    assert "Chance to reply" not in operator.get(reverse("leads:detail", args=[candidate.lead_id])).text
    assert api.get(f"/api/v1/campaigns/{campaign.pk}/predictions").json() == {
        "forecast": {},
        "best_time": None,
        "follows": {"orders": False, "times": False},
    }
    with pytest.raises(CommandError):
        call_command("learn", "predictions")
    assert "0 people were written to" in capsys.readouterr().err


def test_a_lead_is_shown_with_its_chances_and_what_they_rest_on(operator, api, known):
    candidate = make_candidate(make_campaign(name="Spring"))
    brief = save_brief(name="B", description="", factors={}, use_model=False, created_by=None)
    page = operator.get(reverse("leads:detail", args=[candidate.lead_id])).text
    assert "Chance to reply" in page and "Learned from 600 people" in page
    answer = api.post("/api/v1/ml/predict", {"lead_id": candidate.lead_id, "brief": brief.pk}, format="json")
    (found,) = answer.json()["outcomes"]["campaigns"]
    assert found["campaign"] == candidate.campaign_id and 0 < found["reply"] < 1 and found["learned_from"] == 600
    assert answer.json()["outcomes"]["silence"] is None


def test_a_campaign_is_forecast_within_an_interval(operator, api, campaign):
    (reply, *_rest) = selectors.expected(campaign)
    assert reply.numbers.so_far == 1 < reply.numbers.low <= reply.numbers.expected <= reply.numbers.high
    page = operator.get(reverse("campaigns:detail", args=[campaign.pk])).text
    assert "Forecast" in page and "learned from 600 people" in page
    found = api.get(f"/api/v1/campaigns/{campaign.pk}/predictions").json()
    assert found["forecast"]["reply"]["high"] == reply.numbers.high
    assert (found["best_time"]["messages"], found["best_time"]["is_of_segment"]) == (600, False)


def test_following_is_chosen_on_the_page_and_over_the_api(operator, api, campaign):
    url = reverse("campaigns:follow-predictions", args=[campaign.pk])
    operator.post(url, {"orders": "on"})
    assert PredictionUse.objects.get(campaign=campaign).orders
    assert AuditEntry.objects.filter(action="campaign.predictions_followed").count() == 1
    page = operator.get(reverse("campaigns:predictions", args=[campaign.pk])).text
    assert "Write to the most promising people first" in page
    refused = api.put(
        f"/api/v1/campaigns/{campaign.pk}/predictions/use", {"orders": True, "times": True}, format="json"
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "no_best_hour")
    done = api.put(f"/api/v1/campaigns/{campaign.pk}/predictions/use", {"orders": False, "times": False}, format="json")
    assert done.json()["follows"] == {"orders": False, "times": False}


def test_the_page_of_models_has_figures_and_a_card(operator, api, known):
    page = operator.get(reverse("campaigns:prediction-models")).text
    assert "Calibrated" in page and "600 people" in page
    card = operator.get(reverse("campaigns:prediction-card")).text
    assert "# Model card" in card and "oldest 60% fitted" in card and "feature_decision_maker" in card
    found = api.get("/api/v1/ml/outcomes").json()
    assert found["people"] == 600 and found["models"]["reply"]["is_calibrated"] and found["card"] == card


def test_commands_predict(campaign, capsys):
    call_command("learn", "predict", "--campaign", str(campaign.pk), "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[0])["target"] == "reply"
    candidate = make_candidate(make_campaign())
    call_command("learn", "predict", "--lead", str(candidate.lead_id), "--json")
    assert json.loads(capsys.readouterr().out)["candidate"] == candidate.pk
    with pytest.raises(CommandError):
        call_command("learn", "predict", "--lead", "999999")
    assert "no such lead" in capsys.readouterr().err


def test_who_stopped_answering_is_told_on_their_page(operator):
    days = [1.0] * 80 + [100.0] * 60
    curve = silence.learn(silence.np.array(days), silence.np.array([True] * 80 + [False] * 60))
    PredictionNight.objects.create(
        night=clock.now().date(), people_count=0, silence=curve.as_json(), learned_at=clock.now()
    )
    campaign = make_campaign()
    candidate = make_candidate(campaign, stage="replied")
    talk = conversation_for(lead=candidate.lead)
    now = clock.now()
    talk.last_inbound_at, talk.last_outbound_at = now - timedelta(days=21), now - timedelta(days=20)
    talk.save()
    sender = campaign.steps.get().sender
    Message.objects.create(
        conversation=talk, sender=sender, channel="email", state="sent", sent_at=now - timedelta(days=20)
    )
    found = selectors.quiet(candidate.lead)
    assert (found.days, found.people, found.is_disengaged) == (20, 60, True)
    page = operator.get(reverse("leads:detail", args=[candidate.lead_id])).text
    assert "Stopped answering" in page and "From 60 people" in page
    talk.waiting_since = now
    talk.save()
    assert selectors.quiet(candidate.lead) is None, "it is our turn"
