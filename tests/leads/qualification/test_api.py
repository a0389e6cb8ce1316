"""Qualification over the API, the pages and the command line: the same services, clear errors."""

import json

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from leads.qualification import services
from leads.qualification.models import Brief, Verdict
from outreach.access.models import User
from outreach.access.roles import Role
from tests.leads.segments.factories import CompanyFactory, LeadFactory

pytestmark = pytest.mark.django_db


def api_of(role):
    client = APIClient()
    client.force_authenticate(User.objects.create_user(f"{role}-api", password="a long enough password", role=role))
    return client


@pytest.fixture
def api():
    return api_of(Role.OPERATOR)


@pytest.fixture
def listing():
    return LeadFactory(
        kind="listing", title="Senior Python Developer", description="FastAPI and Docker, remote.",
        attributes={"Compensation": "120k-140k"}, company=None,
    )  # fmt: skip


CRITERIA = {
    "min_salary": 100000,
    "max_salary": 150000,
    "keywords": ["python", "fastapi"],
    "location_preference": "remote",
}


@pytest.mark.parametrize("url", ["/api/v1/qualification/qualify/{}", "/api/v1/qualification/qualify/{}/", "/api/v1/leads/{}/qualify", "/api/v1/leads/{}/qualify/"])  # fmt: skip
def test_a_listing_is_qualified_by_criteria_of_the_moment(api, listing, url):
    answer = api.post(url.format(listing.pk), {"criteria": CRITERIA})
    assert answer.status_code == 200, answer.data
    assert answer.data["grade"] == "A" and 0.9 < answer.data["score"] <= 1
    assert answer.data["reasons"] == [
        "Salary matches the preferred range (120k–140k)",
        "Contains 2/2 keywords: python, fastapi",
        "Remote position available",
    ]
    assert not Verdict.objects.exists()


def test_by_a_stored_brief_the_verdict_is_stored(api, listing, brief):
    answer = api.post(f"/api/v1/qualification/qualify/{listing.pk}", {"brief": brief.pk})
    assert answer.data["verdict"] == Verdict.objects.get().pk
    listed = api.get(f"/api/v1/verdicts/?lead={listing.pk}&brief={brief.pk}&min_score=0")
    assert [row["id"] for row in listed.data["results"]] == [answer.data["verdict"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "criteria"),
        ({"criteria": {"min_pay": 1}}, "criteria.min_pay"),
        ({"criteria": {"min_salary": "much"}}, "pay.minimum"),
        ({"criteria": {"min_salary": 5, "max_salary": 2}}, "pay"),
        ({"criteria": {"keywords": "python"}}, "keywords.wanted"),
        ({"criteria": {"weights": {"luck": 1}}}, "criteria.weights.luck"),
    ],
)
def test_bad_criteria_are_named(api, listing, body, field):
    answer = api.post(f"/api/v1/leads/{listing.pk}/qualify/", body)
    assert answer.status_code == 400 and answer.data["field"] == field


def test_an_unknown_lead_is_not_found(api):
    assert api.post("/api/v1/leads/999999/qualify/", {"criteria": CRITERIA}).status_code == 404


def test_briefs_are_made_changed_tried_and_deleted(api, listing):
    made = api.post("/api/v1/briefs/", {"name": "Python", "factors": {"keywords": {"wanted": ["python"]}}})
    assert made.status_code == 201
    tried = api.post(f"/api/v1/briefs/{made.data['id']}/try/", {"leads": [listing.pk]})
    assert tried.data[0]["score"] == 1
    changed = api.put(
        f"/api/v1/briefs/{made.data['id']}/", {"name": "Python", "factors": {"place": {"countries": ["Germany"]}}}
    )
    assert changed.data["content_hash"] != made.data["content_hash"]
    bad = api.put(
        f"/api/v1/briefs/{made.data['id']}/", {"name": "Python", "factors": {"place": {"countries": ["Atlantis"]}}}
    )
    assert bad.status_code == 400 and bad.data["field"] == "place.countries[0]"
    assert api.delete(f"/api/v1/briefs/{made.data['id']}/").status_code == 204


def test_reviewers_decide_and_viewers_do_not(listing, brief):
    decision = {"lead": listing.pk, "brief": brief.pk, "is_qualified": True, "reason": "Knows us"}
    assert api_of(Role.VIEWER).post("/api/v1/verdicts/", decision).status_code == 403
    answer = api_of(Role.REVIEWER).post("/api/v1/verdicts/", decision)
    assert answer.status_code == 201 and answer.data["source"] == "person"


def test_the_leads_page_shows_the_verdict_and_takes_a_decision(client, brief):
    lead = LeadFactory(title="CTO", company=CompanyFactory(industry="Fintech"))
    client.force_login(User.objects.create_user("olga", password="a long enough password", role=Role.OPERATOR))
    client.post(f"/briefs/leads/{lead.pk}/qualify/", {"brief": brief.pk})
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert "Grade A" in page and "Seniority matches" in page
    answer = client.post(
        f"/briefs/leads/{lead.pk}/{brief.pk}/decision/",
        {"answer": "no", "reason": "<b>rival</b>"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "Not qualified" in answer and "&lt;b&gt;rival&lt;/b&gt;" in answer


def test_the_editor_marks_the_wrong_setting_and_keeps_what_was_typed(client):
    client.force_login(User.objects.create_user("olga", password="a long enough password", role=Role.OPERATOR))
    answer = client.post(
        "/briefs/new/", {"name": "B", "place.countries": "Atlantis", "keywords.wanted": "a, b", "do": "save"}
    )
    form = answer.context["form"]
    assert answer.status_code == 422 and "place.countries" in form.errors and form["keywords.wanted"].value() == "a, b"
    assert not Brief.objects.exists()


def test_a_used_brief_is_not_deleted_but_an_unused_one_is(brief):
    services.delete_brief(brief=brief, user=None)
    assert not Brief.objects.exists()


def test_the_command_saves_and_tries_a_brief(tmp_path, capsys, listing):
    file = tmp_path / "brief.json"
    file.write_text(json.dumps({"name": "Python", "factors": {"keywords": {"wanted": ["python"]}}}))
    call_command("brief", "create", str(file), "--json")
    call_command("brief", "try", "Python", "--lead", str(listing.pk), "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["name"] == "Python" and rows[1]["score"] == 1 and rows[1]["lead"] == listing.pk
