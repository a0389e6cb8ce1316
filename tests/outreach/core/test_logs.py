"""Logs carry neither credentials nor addresses."""

from __future__ import annotations

import json

import pytest
import structlog

from outreach.core.logs import mask_personal_data


def masked(**event):
    return mask_personal_data(None, "info", event)


@pytest.mark.parametrize("key", ["password", "api_key", "Authorization", "client_secret", "credentials_token"])
def test_credentials_are_hidden_by_their_key(key):
    assert masked(**{key: "hunter2"})[key] == "…"


def test_addresses_are_hidden_wherever_they_stand():
    event = masked(event="Sent to anna@firm.de and +4915112345690.", note="a.b+c@mail.firm.de")
    assert event["event"] == "Sent to a…a@firm.de and +4915…90."
    assert "a.b+c" not in event["note"]


def test_addresses_inside_lists_and_mappings_are_hidden_too():
    event = masked(recipients=["anna@firm.de"], message={"to": "anna@firm.de", "password": "hunter2", "n": 3})
    assert "anna" not in str(event)
    assert "hunter2" not in str(event)
    assert event["message"]["n"] == 3


def test_numbers_that_are_no_phones_stay():
    assert masked(event="job 12345678 took 1.25 s at 2026-03-02")["event"] == "job 12345678 took 1.25 s at 2026-03-02"


def test_an_exception_does_not_carry_the_address_into_the_log():
    try:
        raise ValueError("no mailbox anna@firm.de")
    except ValueError:
        event = structlog.processors.format_exc_info(None, "error", {"event": "failed", "exc_info": True})
    assert "no mailbox" in event["exception"]
    assert "anna" not in mask_personal_data(None, "error", event)["exception"]


def test_json_lines_are_json():
    renderer = structlog.processors.JSONRenderer()
    assert json.loads(renderer(None, "info", masked(event="x"))) == {"event": "x"}
