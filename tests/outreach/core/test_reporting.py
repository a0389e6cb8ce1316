"""What is reported to Sentry names the fault and nobody."""

from __future__ import annotations

import json

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from outreach.core import reporting
from outreach.operating import Sentry
from outreach.ops import checks

SENTRY = Sentry(dsn="https://key@sentry.example/1", environment="test")


class Kept(Transport):
    """Keeps what would leave the machine."""

    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        self.events.append(envelope.get_event())


@pytest.fixture
def reported():
    """Raises in a process that reports; what left."""

    def report(error, **request):
        options = reporting.options(SENTRY) | {"integrations": [], "transport": Kept(), "include_source_context": False}
        client = sentry_sdk.Client(**options)
        with sentry_sdk.isolation_scope() as scope:
            scope.set_client(client)
            scope.set_user({"id": "7", "email": "anna@firm.de", "username": "anna"})
            scope.set_tag("lead", "anna@firm.de")
            scope.set_extra("text", "Dear Anna")
            scope.add_event_processor(lambda event, _hint: {**event, "request": request})
            try:
                secret = "hunter2"
                raise error
            except type(error):
                assert secret
                scope.capture_exception()
        (event,) = client.transport.events
        return event

    return report


def test_an_error_is_reported_with_its_place_and_without_people(reported):
    event = reported(
        ValueError("no mailbox anna@firm.de, call +4915112345690"),
        method="POST",
        url="https://outreach.example/password/new/MQ/a-token/",
        query_string="q=anna",
        cookies={"sessionid": "a-session"},
        headers={"Authorization": "Api-Key ok_key"},
        data={"password": "hunter2"},
    )
    (exception,) = event["exception"]["values"]
    assert exception["value"] == "no mailbox a…a@firm.de, call +4915…90"
    assert exception["stacktrace"]["frames"][-1]["function"] == "report"
    assert event["request"] == {"method": "POST"} and event["environment"] == "test"
    text = json.dumps(event)
    for private in ("anna", "Anna", "hunter2", "a-token", "a-session", "ok_key"):
        assert private not in text, private


def test_it_is_off_without_an_address(monkeypatch):
    monkeypatch.setattr(sentry_sdk, "init", lambda **_options: pytest.fail("started"))
    reporting.start(Sentry())


def test_it_starts_with_an_address(monkeypatch):
    started = []
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: started.append(options))
    reporting.start(SENTRY)
    assert started[0]["dsn"] == SENTRY.dsn and started[0]["send_default_pii"] is False


def test_an_address_without_the_library_fails_at_start_with_the_remedy(settings, monkeypatch):
    settings.OUTREACH.sentry = SENTRY
    assert checks.errors_can_be_reported(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda _name: None)
    (error,) = checks.errors_can_be_reported(None)
    assert "uv sync --extra sentry" in error.hint
