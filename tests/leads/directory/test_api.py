import io

import pytest
from rest_framework.test import APIClient

from leads.imports.models import Batch
from leads.models import Lead
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.jobs.draining import drain
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db


@pytest.fixture
def api():
    user = User.objects.create(username="op")
    user.set_role(Role.OPERATOR)
    user.save()
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_lead_is_made_read_changed_and_guarded(api):
    made = api.post(
        "/api/v1/leads/", {"full_name": "Anna K", "email": "A@x.example", "country": "Germany", "tags": ["CTO"]}
    )
    assert made.status_code == 201
    assert (made.data["country"], made.data["tags"], made.data["identities"][0]["address"]) == (
        "DE",
        ["cto"],
        "a@x.example",
    )
    url = f"/api/v1/leads/{made.data['id']}/"
    stored = Lead.objects.get().updated_at.isoformat()
    assert api.patch(url, {"title": "CTO", "seen_at": stored}).data["title"] == "CTO"
    assert api.patch(url, {"title": "CEO", "seen_at": stored}).status_code == 409
    again = api.post("/api/v1/leads/", {"full_name": "B", "email": "a@x.example"})
    assert (again.status_code, again.data["code"]) == (409, "address_taken")
    bad = api.post("/api/v1/leads/", {"full_name": "B", "email": "nope"})
    assert (bad.status_code, bad.data["code"]) == (400, "email_invalid")


def test_leads_are_filtered(api):
    make_lead("Anna", email="anna@x.example", country="DE", tags=["vip"])
    make_lead("Boris", email="boris@x.example", country="RU")
    for query, names in (("country=de", ["Anna"]), ("search=bor", ["Boris"]), ("tag=VIP", ["Anna"]), ("status=no", [])):
        assert [row["full_name"] for row in api.get(f"/api/v1/leads/?{query}").data["results"]] == names


def test_companies_and_identities(api):
    made = api.post("/api/v1/companies/", {"name": "Firm GmbH", "country": "DE", "tax_id": "DE1234"})
    assert made.status_code == 201
    assert api.post("/api/v1/companies/", {"name": "X", "country": "DE", "tax_id": "DE1234"}).data["code"] == "id_taken"
    assert api.patch(f"/api/v1/companies/{made.data['id']}/", {"industry": "FinTech"}).data["industry"] == "FinTech"
    lead = make_lead("Anna")
    identity = api.post("/api/v1/identities/", {"lead": lead.pk, "channel": "sms", "address": "+1 212 555 0101"})
    assert (identity.status_code, identity.data["address"]) == (201, "+12125550101")
    changed = api.patch(f"/api/v1/identities/{identity.data['id']}/", {"status": "invalid"})
    assert changed.data["status"] == "invalid"


def test_an_import_by_api(api):
    file = io.BytesIO(b"Name,E-mail\nAnna,a@x.example\nBob,nope\n")
    file.name = "people.csv"
    made = api.post("/api/v1/imports/", {"file": file, "kind": "people", "source": "fair"}, format="multipart")
    assert made.status_code == 201, made.data
    url = f"/api/v1/imports/{made.data['id']}/"
    assert made.data["mapping"] == {"Name": "full_name", "E-mail": "email"}
    bad = api.put(url + "mapping/", {"mapping": {"Nope": "email"}})
    assert (bad.status_code, bad.data["code"]) == (400, "column_missing")
    assert api.put(url + "mapping/", {"options": {"country": "Germany"}}).data["options"]["country"] == "DE"
    assert api.get(url + "preview/").data["rejected_count"] == 1
    assert api.post(url + "start/").status_code == 202
    drain()
    report = api.get(url).data
    assert (report["state"], report["counts"]["created"]) == ("done", 1)
    assert api.get(url + "rejected/").data["results"][0]["code"] == "email_invalid"
    assert b"nope" in b"".join(api.get(url + "rejected.csv/").streaming_content)
    assert api.post(url + "start/").status_code == 409
    assert Batch.objects.get().job.state == "done"


def test_a_file_that_is_no_table_is_a_clear_problem(api):
    file = io.BytesIO(b"%PDF-1.7 rest")
    file.name = "people.csv"
    bad = api.post("/api/v1/imports/", {"file": file, "kind": "people"}, format="multipart")
    assert (bad.status_code, bad.data["code"]) == (400, "file_is_binary")


def test_an_import_is_undone_and_its_mapping_remembered_and_forgotten(api):
    file = io.BytesIO(b"name,email\nAnna,a@x.example\n")
    file.name = "list.csv"
    batch = api.post("/api/v1/imports/", {"file": file, "kind": "both", "source": "fair"}, format="multipart").data
    refused = api.post(f"/api/v1/imports/{batch['id']}/undo/")
    assert (refused.status_code, refused.data["code"]) == (409, "import_not_undoable")
    api.post(f"/api/v1/imports/{batch['id']}/start/")
    drain()
    assert Lead.objects.count() == 1
    assert api.post(f"/api/v1/imports/{batch['id']}/undo/").status_code == 202
    drain()
    assert (Lead.objects.count(), Batch.objects.get().state) == (0, "undone")
    saved = api.get("/api/v1/imports/mappings/").data["results"][0]
    assert (saved["source"], saved["mapping"]) == ("fair", {"name": "full_name", "email": "email"})
    assert api.delete(f"/api/v1/imports/mappings/{saved['id']}/").status_code == 204


def test_duplicates_are_listed_merged_and_parted(api):
    from leads.duplicates import services

    one, two = make_lead("Anna", email="anna@x.example"), make_lead("A", email="anna+list@x.example")
    services.look_at(kind="lead", ids=[two.pk])
    pair = api.get("/api/v1/duplicates/?state=open").data["results"][0]
    assert (pair["low"], pair["high"], pair["reason"]) == (one.pk, two.pk, "tagged_address")
    url = f"/api/v1/duplicates/{pair['id']}"
    assert api.post(f"{url}/merge/", {"kept": 0}).status_code == 400
    merge = api.post(f"{url}/merge/", {"kept": one.pk}).data
    assert (merge["kept_id"], merge["lost_id"]) == (one.pk, two.pk)
    assert api.post(f"{url}/undo/").data["state"] == "open"
    assert api.post(f"{url}/apart/").data["state"] == "apart"
    other = api.post("/api/v1/merges/", {"kind": "lead", "kept": two.pk, "lost": one.pk})
    assert other.status_code == 201
    assert api.post(f"/api/v1/merges/{other.data['id']}/undo/").data["undone_at"]
    missing = api.post("/api/v1/merges/", {"kind": "lead", "kept": two.pk, "lost": 999_999})
    assert (missing.status_code, missing.data["code"]) == (400, "not_found")


def test_the_people_of_a_company(api):
    firm, other = make_company("Firm"), make_company("Other")
    anna = make_lead("Anna", company=firm)
    make_lead("Boris", company=other)

    def names(company):
        return [row["full_name"] for row in api.get(f"/api/v1/companies/{company.pk}/leads/").data["results"]]

    assert names(firm) == ["Anna"]
    assert api.patch(f"/api/v1/leads/{anna.pk}/", {"company": other.pk}).status_code == 200
    assert (names(firm), sorted(names(other))) == ([], ["Anna", "Boris"])


def test_a_file_is_tried_before_it_comes_in(api):
    file = io.BytesIO(b"Name,E-mail\nAnna,a@x.example\nBob,nope\n")
    file.name = "people.csv"
    number = api.post("/api/v1/imports/", {"file": file, "kind": "people"}, format="multipart").data["id"]
    tried = api.post(f"/api/v1/imports/{number}/dry-run/")
    assert (tried.status_code, tried.data["state"]) == (202, "uploaded")
    assert api.post(f"/api/v1/imports/{number}/start/").data["code"] == "dry_run_running"
    drain()
    batch = api.get(f"/api/v1/imports/{number}/").data
    assert (batch["trial"]["created"], batch["trial"]["rejected"], batch["counts"]) == (1, 1, {})
    assert b"nope" in b"".join(api.get(f"/api/v1/imports/{number}/rejected.csv/").streaming_content)
    assert Lead.objects.count() == 0
