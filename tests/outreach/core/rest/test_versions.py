"""Versions of objects, fewer fields, and pages."""

from __future__ import annotations

import pytest

from outreach.access.roles import Role
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(make_user(Role.OPERATOR))
    return client


def change(client, path, title, tag):
    return client.patch(path, {"title": title}, content_type="application/json", headers={"If-Match": tag})


def test_an_unchanged_object_is_not_sent_again(operator):
    path = f"/api/v1/leads/{make_lead().pk}/"
    tag = operator.get(path)["ETag"]
    again = operator.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert operator.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_second_of_two_who_read_the_same_version_is_refused(operator):
    path = f"/api/v1/leads/{make_lead().pk}/"
    tag = operator.get(path)["ETag"]
    first, second = change(operator, path, "Painter", tag), change(operator, path, "Plumber", tag)
    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["code"] == "precondition_failed"
    assert operator.get(path).json()["title"] == "Painter"
    assert first["ETag"] == operator.get(path)["ETag"]
    assert change(operator, path, "Plumber", first["ETag"]).status_code == 200


def test_a_change_by_something_else_counts_too(operator):
    lead = make_lead()
    path = f"/api/v1/leads/{lead.pk}/"
    tag = operator.get(path)["ETag"]
    type(lead).objects.filter(pk=lead.pk).update(city="Oslo")
    assert change(operator, path, "Painter", tag).status_code == 412
    assert change(operator, path, "Painter", "*").status_code == 200


def test_only_the_named_fields_are_sent_and_the_version_stays_the_same(operator):
    path = f"/api/v1/leads/{make_lead(full_name='Ann Lee').pk}/"
    small = operator.get(path, {"fields": "id,full_name"})
    assert set(small.json()) == {"id", "full_name"}
    assert small["ETag"] == operator.get(path)["ETag"]
    listed = operator.get("/api/v1/leads/", {"fields": "full_name"}).json()
    assert listed["results"] == [{"full_name": "Ann Lee"}]


def test_a_field_that_there_is_not_is_refused(operator):
    found = operator.get("/api/v1/leads/", {"fields": "id,nmae"})
    assert found.status_code == 400
    assert found.json()["errors"][0]["parameter"] == "fields"
    assert "full_name" in found.json()["detail"]


def test_pages_follow_each_other_and_may_be_skipped(operator):
    ids = [make_lead().pk for _ in range(5)][::-1]
    page = operator.get("/api/v1/leads/", {"limit": 2}).json()
    assert [row["id"] for row in page["results"]] == ids[:2]
    assert [row["id"] for row in operator.get(page["next"]).json()["results"]] == ids[2:4]
    skipped = operator.get("/api/v1/leads/", {"limit": 2, "offset": 3}).json()
    assert [row["id"] for row in skipped["results"]] == ids[3:]
    assert operator.get("/api/v1/leads/", {"offset": 9}).json()["results"] == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "501"}, {"offset": "-1"}, {"offset": "x"}])
def test_a_page_that_there_cannot_be_is_refused(operator, query):
    assert operator.get("/api/v1/leads/", query).status_code == 400
