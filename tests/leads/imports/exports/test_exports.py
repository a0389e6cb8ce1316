import io
from pathlib import Path

import pytest
from django.test import override_settings
from openpyxl import load_workbook

from leads.imports import retention
from leads.imports.exports import services as exports
from leads.imports.models import Export
from leads.models import Lead
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor, AuditEntry
from outreach.jobs.draining import drain
from tests.leads.factories import ACTOR, make_company, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    user = User.objects.create(username="op")
    user.set_role(Role.OPERATOR)
    user.save()
    return user


def text_of(export):
    return b"".join(exports.stream(export)).decode("utf-8-sig")


def test_what_a_filter_selects_leaves_with_formulas_neutralised():
    make_lead("=cmd|' /C calc'!A0", email="a@x.example", country="DE")
    make_lead("Bob", email="b@x.example", country="US")
    export = exports.start(scope="leads", parameters={"country": "DE"}, actor=ACTOR)
    assert "'=cmd" in text_of(export)
    assert "Bob" not in text_of(export)
    assert (export.row_count, AuditEntry.objects.get(action="lead.exported").data["filters"]) == (1, ["country"])


def test_a_workbook_holds_texts_never_formulas():
    make_lead('=HYPERLINK("http://evil.example")', email="a@x.example")
    export = exports.start(scope="leads", format="xlsx", actor=ACTOR)
    sheet = load_workbook(io.BytesIO(b"".join(exports.stream(export)))).active
    cell = sheet["B2"]
    assert (cell.data_type, cell.value[:6]) == ("s", "'=HYPE")


def test_companies_a_segment_and_candidates_can_be_exported():
    from campaigns.models import Candidate
    from leads.segments.models import Segment, SegmentVersion
    from tests.campaigns.factories import make_campaign

    make_company("Firm")
    one, _other = make_lead("Anna", country="DE"), make_lead("Bob", country="US")
    segment = Segment.objects.create(name="Germans")
    criteria = {"field": "lead.country", "operator": "equals", "value": "DE"}
    from leads.segments.schema import dump, parse

    SegmentVersion.objects.create(segment=segment, number=1, criteria=dump(parse(criteria)), criteria_hash="x")
    campaign = make_campaign()
    Candidate.objects.create(campaign=campaign, lead=one)
    assert "Firm" in text_of(exports.start(scope="companies", actor=ACTOR))
    for scope, parameters in (("segment", {"segment": segment.pk}), ("candidates", {"campaign": campaign.pk})):
        text = text_of(exports.start(scope=scope, parameters=parameters, actor=ACTOR))
        assert ("Anna" in text, "Bob" in text) == (True, False)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"scope": "everything"}, "scope_unknown"),
        ({"scope": "segment", "parameters": {"segment": 7}}, "segment_unknown"),
        ({"scope": "candidates", "parameters": {"campaign": 7}}, "campaign_unknown"),
        ({"scope": "leads", "format": "pdf"}, "format_unknown"),
    ],
)
def test_what_cannot_be_exported_is_said_plainly(arguments, code):
    with pytest.raises(Invalid) as caught:
        exports.start(actor=ACTOR, **arguments)
    assert caught.value.code == code


def test_ten_a_day_and_no_more(user):
    for _number in range(10):
        exports.start(scope="leads", actor=Actor.of(user), created_by=user)
    with pytest.raises(Refused) as caught:
        exports.start(scope="leads", actor=Actor.of(user), created_by=user)
    assert (caught.value.code, Export.objects.count()) == ("export_limit", 10)
    exports.start(scope="leads", actor=ACTOR)


@pytest.mark.django_db(transaction=True)
def test_a_large_one_is_a_job_with_a_file_to_download(user, client):
    make_lead("Anna", email="a@x.example")
    export = exports.start(scope="leads", actor=Actor.of(user), created_by=user, as_job=True)
    drain()
    export.refresh_from_db()
    assert (export.job.state, export.row_count) == ("done", 1)
    client.force_login(user)
    assert b"Anna" in b"".join(client.get(f"/imports/exports/{export.pk}/file/").streaming_content)
    assert b"Download" in client.get("/imports/exports/").content
    other = User.objects.create(username="other")
    other.set_role(Role.OPERATOR)
    other.save()
    client.force_login(other)
    assert client.get(f"/imports/exports/{export.pk}/file/").status_code == 403


def test_files_go_with_the_first_of_their_people_that_is_erased():
    from leads.directory.erasing import erase
    from tests.leads.factories import run_import

    batch = run_import("name,email\nAnna,a@x.example\nBob,b@x.example\nEve,bad\n")
    export = exports.start(scope="leads", actor=ACTOR, as_job=True)
    exports.write(export=export)
    paths = [Path(batch.file.path), Path(export.file.path)]
    assert all(path.exists() for path in paths)
    erase(lead=Lead.objects.get(full_name="Anna"), actor=ACTOR)
    batch.refresh_from_db()
    assert not any(path.exists() for path in paths)
    assert (batch.file_removed_at is not None, batch.detected["samples"]) == (True, [])


def test_old_files_are_removed_by_schedule_and_their_rows_stay():
    from datetime import timedelta

    from tests.leads.factories import run_import

    batch = run_import("name,email\nAnna,a@x.example\nEve,bad\n")
    path = Path(batch.file.path)
    now = clock.now()
    assert retention.remove_old_files(now=now + timedelta(days=29)) == 0
    assert retention.remove_old_files(now=now + timedelta(days=31)) == 1
    assert retention.remove_old_files(now=now + timedelta(days=31)) == 0
    batch.refresh_from_db()
    assert (path.exists(), batch.counts["created"], batch.rejected_rows.count()) == (False, 1, 0)


@override_settings()
def test_the_api_exports_and_limits(user):
    from rest_framework.test import APIClient

    client = APIClient()
    client.force_authenticate(user)
    make_lead("Anna", email="a@x.example")
    answer = client.post("/api/v1/exports/", {"scope": "leads", "format": "csv"}, format="json")
    assert b"Anna" in b"".join(answer.streaming_content)
    assert client.get("/api/v1/exports/").data["results"][0]["row_count"] == 1
    for _number in range(9):
        client.post("/api/v1/exports/", {"scope": "leads"}, format="json")
    refused = client.post("/api/v1/exports/", {"scope": "leads"}, format="json")
    assert (refused.status_code, refused.data["code"]) == (409, "export_limit")
