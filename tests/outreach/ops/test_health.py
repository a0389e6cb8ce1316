"""Health endpoints answer without a login and tell what is wrong."""

import pytest


@pytest.mark.django_db
def test_live_and_ready_answer_without_a_login(client):
    assert client.get("/health/live").json() == {"status": "live"}
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert {row["name"] for row in answer.json()["checks"]} >= {"database", "migrations", "lane:email"}


@pytest.mark.django_db
def test_metrics_need_a_login(client, django_user_model):
    assert client.get("/metrics").status_code == 302
    client.force_login(django_user_model.objects.create_user("viewer", password="long enough words"))
    assert b"outreach_queue_items" in client.get("/metrics").content
