"""Drafts over the API: every change names the version that was seen."""

import pytest
from rest_framework.test import APIClient

from campaigns.drafts import services
from campaigns.drafts.models import Draft
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/drafts/"


@pytest.fixture
def campaign():
    campaign = make_campaign()
    make_candidate(campaign)
    services.generate(campaign=campaign)
    drain("llm")
    return campaign


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(make_user("operator"))
    return client


@pytest.fixture
def draft(campaign):
    return Draft.objects.get(variant="direct")


def test_list_and_filter(api, campaign):
    assert len(api.get(URL).data["results"]) == 2
    assert len(api.get(URL, {"variant": "direct", "campaign": campaign.pk}).data["results"]) == 1
    assert len(api.get(URL, {"min_risk": 0.5}).data["results"]) == 0
    assert api.get(URL, {"state": "nonsense"}).status_code == 400


def test_edit_with_version(api, draft):
    answer = api.patch(f"{URL}{draft.pk}/", {"version": 1, "body": "New words"})
    assert (answer.status_code, answer.data["version"], answer.data["subject"]) == (200, 2, draft.subject)


def test_a_lost_race_answers_with_the_current_text(api, draft):
    services.edit(draft=draft, version=1, subject="s", body="Theirs", user=make_user())
    answer = api.patch(f"{URL}{draft.pk}/", {"version": 1, "body": "Mine"})
    assert answer.status_code == 409
    assert (answer.data["code"], answer.data["current"]["body"]) == ("changed_meanwhile", "Theirs")


@pytest.mark.parametrize("body", [{}, {"version": 0}, {"version": "x"}, {"version": 1, "body": ""}])
def test_bad_input_is_named(api, draft, body):
    answer = api.patch(f"{URL}{draft.pk}/", body)
    assert answer.status_code == 400
    assert answer.data["code"] == "invalid"


def test_approve_take_back_reject(api, draft):
    assert api.post(f"{URL}{draft.pk}/approve/", {"version": 1}).data["state"] == "approved"
    assert api.post(f"{URL}{draft.pk}/approve/", {"version": 1}).status_code == 409
    assert api.post(f"{URL}{draft.pk}/return-to-review/", {"version": 1}).data["state"] == "pending_review"
    assert api.post(f"{URL}{draft.pk}/reject/", {"version": 1, "reason": "no"}).data["state"] == "rejected"


def test_rewrite(api, draft):
    assert api.post(f"{URL}{draft.pk}/rewrite/", {"version": 1, "wish": "formal"}).data["version"] == 2
    assert api.post(f"{URL}{draft.pk}/rewrite/", {"version": 2, "wish": "angry"}).status_code == 400


def test_bulk(api, draft):
    casual = Draft.objects.get(variant="casual")
    pairs = [{"id": draft.pk, "version": 1}, {"id": casual.pk, "version": 1}]
    answer = api.post(f"{URL}bulk/", {"action": "approve", "drafts": pairs})
    assert len(answer.data["done"]) == 1
    assert len(answer.data["skipped"]) == 1
    assert api.post(f"{URL}bulk/", {"action": "approve", "drafts": []}).status_code == 400


def test_generation_answers_with_a_job(api, campaign):
    answer = api.post(f"/api/v1/campaigns/{campaign.pk}/drafts/")
    assert answer.status_code == 202
    assert answer.data["kind"] == "campaign.generate_drafts"
    assert api.post("/api/v1/campaigns/999999/drafts/").status_code == 404


def test_a_viewer_reads_only(campaign, draft):
    client = APIClient()
    client.force_authenticate(make_user("viewer"))
    assert client.get(URL).status_code == 200
    assert client.post(f"{URL}{draft.pk}/approve/", {"version": 1}).status_code == 403
    assert client.post(f"/api/v1/campaigns/{campaign.pk}/drafts/").status_code == 403


def test_a_group_is_approved_from_one_of_its_drafts_and_taken_back(api, campaign, draft):
    make_candidate(campaign, first_name="Ann", full_name="Ann Poe")
    services.generate(campaign=campaign)
    drain("llm")
    answer = api.post(f"/api/v1/drafts/{draft.pk}/approve-group/", {"version": 1}, format="json")
    assert answer.status_code == 200 and len(answer.json()["done"]) == 2
    again = api.post(f"/api/v1/drafts/{draft.pk}/approve-group/", {"version": 1}, format="json")
    assert again.status_code == 409
    undone = api.post("/api/v1/drafts/undo/", {"campaign": campaign.pk}, format="json")
    assert sorted(undone.json()["done"]) == sorted(answer.json()["done"])
    assert api.post("/api/v1/drafts/undo/", {}, format="json").json()["code"] == "nothing_to_undo"


def test_reword_and_assign(api, draft):
    words = {"version": 1, "subject": "Hello", "body": "Hi {{ first_name }}, I will not write again."}
    assert api.post(f"/api/v1/drafts/{draft.pk}/reword/", words, format="json").json()["done"] == [draft.pk]
    assert api.get(f"/api/v1/drafts/{draft.pk}/").json()["body"] == "Hi Joe, I will not write again."
    me = make_user()
    answer = api.post("/api/v1/drafts/assign/", {"drafts": [draft.pk], "reviewer": me.pk}, format="json")
    assert answer.json() == {"count": 2}
    assert api.get(f"/api/v1/drafts/?reviewer={me.pk}").json()["results"][0]["reviewer"] == me.pk
