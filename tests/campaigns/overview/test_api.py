import pytest
from rest_framework.test import APIClient

from campaigns.models import Campaign, Candidate
from leads.qualification.services import save_brief
from outreach.jobs.draining import drain
from tests.campaigns.factories import make_campaign, make_candidate, make_lead, make_sender, make_user

pytestmark = pytest.mark.django_db
EVERYBODY = {"all": [{"field": "lead.country", "operator": "equals", "value": "US"}]}


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(make_user("operator"))
    return client


def payload(**fields):
    step = {"sender": make_sender().pk, "pack": "first-contact-email"}
    return {"name": "Spring", "steps": [step, {**step, "delay_days": 3}], "criteria": EVERYBODY, **fields}


def test_from_criteria_to_qualified_leads(api):
    brief = save_brief(
        name="b", description="", factors={"place": {"countries": ["US"]}}, use_model=False, created_by=None
    )
    make_lead()
    created = api.post("/api/v1/campaigns", payload(brief=brief.pk))
    assert created.status_code == 201, created.data
    assert created.data["criteria_hash"]
    url = f"/api/v1/campaigns/{created.data['id']}"
    assert api.post(f"{url}/discover").data["added"] == 1
    started = api.post(f"{url}/qualify")
    assert started.status_code == 202
    drain("default", "llm")
    rows = api.get(f"{url}/leads").data["results"]
    assert len(rows) == 1 and rows[0]["reasons"] and rows[0]["stage"] in ("qualified", "shortlisted", "disqualified")
    assert api.get(f"{url}/leads", {"stage": "won"}).data["results"] == []


def test_both_spellings_of_an_address_work(api):
    make_campaign()
    assert len(api.get("/api/v1/campaigns").data["results"]) == 1
    assert len(api.get("/api/v1/campaigns/").data["results"]) == 1


@pytest.mark.parametrize(
    ("fields", "field"), [({"steps": []}, "steps"), ({"criteria": {"all": [{"field": "x"}]}}, "criteria")]
)
def test_bad_input_names_its_field(api, fields, field):
    response = api.post("/api/v1/campaigns", payload(**fields))
    assert response.status_code == 400
    assert not Campaign.objects.exists()


def test_a_start_that_is_not_ready_is_refused_with_the_reason(api):
    response = api.post(f"/api/v1/campaigns/{make_campaign().pk}/start")
    assert (response.status_code, response.data["code"]) == (409, "not_ready")


def test_decisions_and_outcomes(api):
    candidate = make_candidate(make_campaign())
    url = f"/api/v1/candidates/{candidate.pk}"
    assert api.post(f"{url}/decision", {"decision": "disqualify"}).data["stage"] == "disqualified"
    Candidate.objects.update(stage="contacted")
    assert api.post(f"{url}/outcomes", {"kind": "won", "value": "99.00"}).status_code == 201
    assert [row["kind"] for row in api.get(f"{url}/outcomes").data] == ["won"]


def test_a_viewer_may_read_only():
    client = APIClient()
    client.force_authenticate(make_user("viewer"))
    campaign = make_campaign()
    assert client.get("/api/v1/reports/funnel", {"by": "variant"}).data["by"] == "variant"
    assert client.post(f"/api/v1/campaigns/{campaign.pk}/pause").status_code == 403
    assert client.get("/api/v1/reports/funnel", {"by": "moon"}).status_code == 400
