"""Approval rules on their page and over the API: tried on earlier drafts before they decide on new ones."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.drafts.models import ApprovalRule
from campaigns.review.rules import Conditions, try_rule
from outreach.core.models import AuditEntry
from tests.campaigns.factories import make_campaign, make_candidate, make_user
from tests.campaigns.texts import make_draft

pytestmark = pytest.mark.django_db
URL = "/api/v1/approval-rules/"


@pytest.fixture
def drafts():
    """One that a person approved, one that was rejected, one edited, one that needs an edit, and one of low quality."""
    campaign = make_campaign()
    values = [
        {"quality": 0.95},
        {"quality": 0.92, "state": "rejected"},
        {"quality": 0.9, "state": "pending_review", "edited_by": make_user()},
        {"quality": 0.99, "state": "pending_review", "flags": [{"code": "placeholder"}]},
        {"quality": 0.3, "state": "pending_review"},
    ]
    return [make_draft(make_candidate(campaign), **fields) for fields in values]


@pytest.fixture
def operator(client):
    client.force_login(make_user("operator"))
    return client


def test_a_trial_says_what_people_made_of_the_drafts_that_a_rule_would_have_caught(drafts):
    found = try_rule(Conditions(min_quality=0.9))
    assert (found.looked_at, found.approved, found.edited, found.rejected) == (5, 1, 1, 1)
    assert drafts[4] not in found.drafts and drafts[0] in found.drafts


def test_a_rule_is_tried_on_the_page_and_nothing_is_saved(operator, drafts):
    answer = operator.post(
        reverse("drafts:rules"), {"name": "Good", "action": "approve", "min_quality": 0.9, "try": ""}
    )
    assert b"of the last 5 drafts" in answer.content
    assert not ApprovalRule.objects.exists()


def test_a_rule_is_saved_and_turned_off(operator):
    fields = {"name": "Good", "action": "approve", "min_quality": 0.9, "words": "call, demo", "save": ""}
    assert operator.post(reverse("drafts:rules"), fields).status_code == 302
    rule = ApprovalRule.objects.get()
    assert (rule.conditions, rule.is_active) == ({"min_quality": 0.9, "words": ["call", "demo"]}, True)
    operator.post(reverse("drafts:switch_rule", args=[rule.pk]))
    rule.refresh_from_db()
    assert not rule.is_active
    assert AuditEntry.objects.filter(action="approval_rule.switched").count() == 1
    assert b"Turn on" in operator.get(reverse("drafts:rules")).content


def test_a_rule_that_makes_no_sense_is_shown_again(operator):
    answer = operator.post(reverse("drafts:rules"), {"name": "", "action": "approve", "min_quality": 3, "save": ""})
    assert answer.status_code == 422
    assert not ApprovalRule.objects.exists()


def test_reviewers_make_no_rules(client):
    client.force_login(make_user("reviewer"))
    assert client.get(reverse("drafts:rules")).status_code == 403


def test_the_api_adds_tries_and_switches_rules(drafts):
    api = APIClient()
    api.force_authenticate(make_user("operator"))
    trial = api.post(f"{URL}trial/", {"conditions": {"min_quality": 0.9}})
    assert (trial.status_code, trial.data["rejected"]) == (200, 1)
    made = api.post(URL, {"name": "Good", "action": "approve", "conditions": {"min_quality": 0.9}})
    assert made.status_code == 201, made.data
    assert api.post(URL, {"name": "x", "action": "approve", "conditions": {"colour": 1}}).status_code == 400
    assert api.post(f"{URL}{made.data['id']}/switch/").data["is_active"] is False
