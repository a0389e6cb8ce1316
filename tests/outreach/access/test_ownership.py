"""What belongs to one person is not reached by another who knows its number."""

from __future__ import annotations

import pytest
from django.test import Client

from leads.directory.models import ListKind, SavedView
from leads.imports.exports import services as exports
from outreach.access.models import ApiKey
from outreach.access.roles import Role
from outreach.access.services import create_api_key
from outreach.core.models import Actor
from tests.leads.factories import make_lead
from tests.outreach.access.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user(Role.OPERATOR)


@pytest.fixture
def other():
    client = Client()
    client.force_login(make_user(Role.OPERATOR))
    return client


def test_an_export_is_its_makers(owner, other, settings):
    make_lead()
    settings.OUTREACH.imports.export_job_rows = 100
    export = exports.start(scope="leads", parameters={}, format="csv", actor=Actor.of(owner))
    assert other.get(f"/api/v1/exports/{export.pk}/").status_code == 404
    assert other.get(f"/api/v1/exports/{export.pk}/file/").status_code == 404
    assert other.get(f"/imports/exports/{export.pk}/file/").status_code in {403, 404}
    assert other.get("/api/v1/exports/").json()["results"] == []


def test_a_key_is_revoked_by_its_owner_only(owner, other):
    key, _text = create_api_key(user=owner, name="Sheet", actor=Actor.of(owner))
    assert other.post(f"/profile/keys/{key.pk}/revocation/").status_code == 404
    assert ApiKey.objects.get().revoked_at is None


def test_a_saved_view_is_deleted_by_its_owner_only(owner, other):
    view = SavedView.objects.create(owner=owner, kind=ListKind.values[0], name="Mine", filters={}, columns=[])
    assert other.post(f"/leads/views/{view.pk}/deletion/").status_code in {403, 404, 409}
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_session_is_ended_by_its_owner_only(owner, other):
    mine = Client()
    mine.force_login(owner)
    key = mine.session.session_key
    other.post("/profile/sessions/", {"session": key[:12]})
    assert owner.sessions.filter(pk=key).exists()
