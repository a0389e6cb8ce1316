"""Behind HTTPS: cookies, HSTS, redirects, and Django's own list of what a deployment needs."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from django.conf import settings as live
from django.core import checks

pytestmark = pytest.mark.django_db
KEPT = {"SECURE_HSTS_SECONDS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_PROXY_SSL_HEADER", "DEBUG",
        "SESSION_COOKIE_HTTPONLY", "SECURE_REFERRER_POLICY", "PUBLIC_BASE_URL", "ALLOWED_HOSTS", "SECRET_KEY"}  # fmt: skip


@pytest.fixture
def production(settings, monkeypatch):
    """The settings of an installation behind https://outreach.firm.example."""
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://outreach.firm.example")
    monkeypatch.setenv("SECRET_KEY", "k7Jq2ZpX9vLw4RtY8sNb3MfG6hDc1KxQ5uWe0TyUiOpAsDfGhJ")
    for name, value in runpy.run_path(str(Path(live.BASE_DIR) / "outreach" / "settings.py")).items():
        if name in KEPT:
            setattr(settings, name, value)
    return settings


def test_djangos_deployment_checks_find_nothing(production):
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    assert not [message for message in found if not message.is_silenced()]


def test_cookies_and_hsts_hold_browsers_to_https(production, client):
    response = client.get("/login/", headers={"host": "outreach.firm.example", "x-forwarded-proto": "https"})
    assert response.status_code == 200
    assert response["Strict-Transport-Security"] == "max-age=31536000"
    assert response.cookies["csrftoken"]["secure"]
    assert response["X-Content-Type-Options"] == "nosniff" and response["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_what_the_proxy_received_in_the_clear_is_sent_to_https(production, client):
    response = client.get(
        "/login/?next=/leads/", headers={"host": "outreach.firm.example", "x-forwarded-proto": "http"}
    )
    assert response.status_code == 301
    assert response["Location"] == "https://outreach.firm.example/login/?next=/leads/"


def test_a_health_check_on_the_machine_itself_is_not_redirected(production, client):
    assert client.get("/health/live", headers={"host": "127.0.0.1"}).status_code == 200


def test_another_host_name_is_refused(production, client):
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400
