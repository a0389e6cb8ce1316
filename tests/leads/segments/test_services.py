"""Versions are immutable, equal meaning makes none, races are shown, and every door calls the same service."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from rest_framework.test import APIClient

from leads.segments import selectors, services
from leads.segments.models import Segment, SegmentVersion
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.core.models import AuditEntry
from tests.leads.segments.conftest import user_of
from tests.leads.segments.factories import LeadFactory

pytestmark = pytest.mark.django_db
KAZAN = {"all": [{"field": "lead.city", "operator": "equals", "value": "Kazan"}]}


@pytest.fixture
def version(criteria, operator):
    return services.save_segment(name="Fintech", criteria=criteria, created_by=operator)


def test_saving_makes_versions_and_equal_meaning_makes_none(version, criteria, operator):
    again = services.save_segment(
        name="Fintech", criteria={"all": list(reversed(criteria["all"]))}, created_by=operator, segment=version.segment
    )
    assert again == version
    second = services.save_segment(name="Fintech", criteria=KAZAN, created_by=operator, segment=version.segment)
    assert (second.number, version.segment.current) == (2, second)
    assert SegmentVersion.objects.get(number=1).criteria == criteria
    assert AuditEntry.objects.filter(action="segment.saved").count() == 2


def test_a_version_is_never_changed(version):
    version.criteria = KAZAN
    with pytest.raises(Refused, match="cannot be changed"):
        version.save()


def test_the_second_writer_is_refused_and_sees_both(version, operator):
    newest = services.save_segment(name="Fintech", criteria=KAZAN, created_by=operator, segment=version.segment)
    with pytest.raises(services.ChangedMeanwhile, match="version 2") as raised:
        services.save_segment(
            name="Fintech", criteria=KAZAN, created_by=operator, segment=version.segment, based_on=version.number
        )
    assert raised.value.current == newest and raised.value.criteria == KAZAN


def test_names_are_taken_once(version, operator):
    with pytest.raises(Invalid, match="already") as raised:
        services.save_segment(name=" Fintech ", criteria=KAZAN, created_by=operator)
    assert raised.value.field == "name"
    assert Segment.objects.count() == 1


def test_a_segment_in_use_is_not_deleted(version, operator, django_assert_num_queries):
    from campaigns.models import Campaign
    from conversations.outbox.models import Stream

    Campaign.objects.create(name="Spring", segment_version=version, stream=Stream.objects.create(name="Spring"))
    assert selectors.users_of(version.segment) == ["Spring"]
    with pytest.raises(Refused, match="Spring"):
        services.delete_segment(segment=version.segment, user=operator)
    assert Segment.objects.exists() and version.segment.versions.exists()
    assert services.archive_segment(segment=version.segment, user=operator).archived_at
    assert services.restore_segment(segment=version.segment, user=operator).archived_at is None


def test_counting_stops_at_the_cap_and_pages_follow_ids(criteria):
    leads = LeadFactory.create_batch(7, city="Kazan", company=None)
    assert selectors.count(KAZAN, cap=5) == 5 and selectors.count(KAZAN, cap=None) == 7
    first = selectors.preview(KAZAN, limit=4)
    second = selectors.preview(KAZAN, limit=4, after=first[-1].id)
    assert [row.id for row in first + second] == sorted((lead.pk for lead in leads), reverse=True)


@pytest.mark.parametrize("glance", [1, 3, 30_000])
def test_a_preview_finds_its_page_however_deep_the_matches_lie(monkeypatch, glance):
    monkeypatch.setattr(selectors, "GLANCE", glance)
    heads = [LeadFactory(title="Head", title_key="head").pk for _n in range(3)]
    LeadFactory(title="Head", title_key="head", erased_at=datetime.now(UTC))
    for _n in range(2):
        LeadFactory(title="Clerk", title_key="clerk")
    asked = {"all": [{"field": "lead.title", "operator": "any_of", "value": ["head"]}]}
    assert [row.id for row in selectors.preview(asked, limit=2)] == [heads[2], heads[1]]
    assert [row.id for row in selectors.preview(asked, limit=2, after=heads[1])] == [heads[0]]


def test_erased_leads_never_match():
    LeadFactory(city="Kazan", erased_at=datetime.now(UTC))
    assert selectors.count(KAZAN) == 0 and selectors.preview(KAZAN) == []


def test_days_count_from_the_clock_of_the_product():
    lead = LeadFactory(last_contacted_at=datetime(2030, 1, 1, 12, tzinfo=UTC))
    within = {"all": [{"field": "lead.last_contacted_at", "operator": "within_days", "value": 60}]}
    with time_machine.travel(datetime(2030, 3, 2, 11, tzinfo=UTC), tick=False):
        assert [row.id for row in selectors.preview(within)] == [lead.pk]
    with time_machine.travel(datetime(2030, 3, 2, 11, tzinfo=UTC) + timedelta(hours=2), tick=False):
        assert selectors.preview(within) == []


def test_the_plan_is_explained_without_running_it(criteria):
    plan = selectors.explain(criteria)
    assert plan.cost > 0 and plan.steps


@pytest.fixture
def api(operator):
    client = APIClient()
    client.force_authenticate(operator)
    return client


def test_the_api_saves_lists_previews_and_deletes(api, criteria, fintech):
    made = api.post("/api/v1/segments/", {"name": "S", "criteria": criteria})
    assert made.status_code == 201 and made.data["current"]["number"] == 1
    url = f"/api/v1/segments/{made.data['id']}/"
    changed = api.put(url, {"name": "S", "criteria": KAZAN, "based_on": 1})
    assert changed.data["current"]["number"] == 2
    lost = api.put(url, {"name": "S", "criteria": criteria, "based_on": 1})
    assert lost.status_code == 409 and lost.data["code"] == "changed_meanwhile"
    assert [v["number"] for v in api.get(f"{url}versions/").data] == [2, 1]
    assert {row["id"] for row in api.get(f"{url}leads/?version=1").data["leads"]} == {lead.pk for lead in fintech}
    preview = api.post("/api/v1/segments/preview/", {"criteria": criteria, "limit": 1})
    assert preview.data["count"] == 2 and preview.data["next_after"] and "c.country" in preview.data["predicate"]
    assert api.post(f"{url}archive/").data["archived_at"]
    assert api.get("/api/v1/segments/").data["results"] == []
    assert api.delete(url).status_code == 204


def test_the_api_names_what_is_wrong(api):
    answer = api.post(
        "/api/v1/segments/preview/", {"criteria": {"all": [{"field": "lead.titel", "operator": "exists"}]}}
    )
    assert answer.status_code == 400
    assert answer.data["field"] == "all[0].field" and "lead.title" in answer.data["detail"]


def test_the_api_describes_the_language(api):
    fields = {row["name"]: row for row in api.get("/api/v1/segments/fields/").data}
    assert {"name": "within_days", "label": "is within the last", "value": "days"} in fields["lead.last_contacted_at"][
        "operators"
    ]
    assert "lead.attributes.<key>" in fields
    assert api.get("/api/v1/segments/schema/").data["$defs"]["node"]


def test_viewers_preview_but_do_not_save(criteria):
    client = APIClient()
    client.force_authenticate(user_of(Role.VIEWER))
    assert client.post("/api/v1/segments/preview/", {"criteria": criteria}).status_code == 200
    assert client.post("/api/v1/segments/", {"name": "S", "criteria": criteria}).status_code == 403


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_command_line_does_the_same(tmp_path, capsys, criteria, fintech):
    file = tmp_path / "fintech.json"
    file.write_text(json.dumps({"name": "Fintech", "criteria": criteria}))
    call_command("segment", "create", str(file), "--json")
    assert lines(capsys)[0]["version"] == 1
    call_command("segment", "count", "Fintech", "--json")
    assert lines(capsys)[0]["count"] == 2
    call_command("segment", "preview", str(file), "--json")
    assert {row["id"] for row in lines(capsys)} == {lead.pk for lead in fintech}
    call_command("segment", "list", "--json")
    assert lines(capsys)[0]["name"] == "Fintech"
    call_command("segment", "versions", "Fintech", "--json")
    assert lines(capsys)[0]["number"] == 1


def test_inspect_shows_sql_or_the_fault(tmp_path, capsys, criteria):
    good, bad, broken = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "broken.json"
    good.write_text(json.dumps(criteria))
    bad.write_text('{"all": [{"field": "lead.titel", "operator": "exists"}]}')
    broken.write_text("{")
    call_command("inspect", "segment", str(good), str(bad), str(broken), str(tmp_path / "none.json"), "--json")
    rows = lines(capsys)
    assert (
        rows[0]["is_valid"]
        and "c.country" in rows[0]["sql"]
        and rows[0]["parameters"]["p0"] == "RU"
        and len(rows[0]["hash"]) == 64
    )
    assert rows[1]["field"] == "all[0].field"
    assert "not valid JSON" in rows[2]["error"] and "No such file" in rows[3]["error"]
