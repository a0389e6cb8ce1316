"""Health endpoints answer without a login and tell what is wrong."""

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from outreach.ops import health


@pytest.mark.django_db
def test_live_and_ready_answer_without_a_login(client):
    assert client.get("/health/live").json() == {"status": "live"}
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert {row["name"] for row in answer.json()["checks"]} >= {"database", "migrations", "lane:email"}


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_makes_it_unready(client):
    MigrationRecorder.Migration.objects.filter(app="leads", name="0001_initial").delete()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    (migrations,) = [row for row in answer.json()["checks"] if row["name"] == "migrations"]
    assert migrations["detail"].startswith("1 are not applied")


@pytest.mark.django_db
def test_what_is_shipped_is_what_django_finds():
    assert health.shipped_migrations() == set(MigrationLoader(None).disk_migrations)


@pytest.mark.django_db
def test_metrics_need_a_login(client, django_user_model):
    assert client.get("/metrics").status_code == 302
    client.force_login(django_user_model.objects.create_user("viewer", password="long enough words"))
    assert b"outreach_queue_items" in client.get("/metrics").content
