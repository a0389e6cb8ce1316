"""What Leadmagic says, what it costs, and what happens when it does not answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations.senders.verification.leadmagic import Leadmagic, configured
from conversations.senders.verification.verdicts import Person
from outreach.core.errors import Invalid, Permanent, Retryable
from tests.servers.fake_leadmagic import KEY


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("valid", "valid"),
        ("valid_catch_all", "risky"),
        ("catch_all", "risky"),
        ("invalid", "invalid"),
        ("unknown", "unknown"),
        ("something_new", "unknown"),
    ],
)
def test_each_word_has_its_status(leadmagic, word, status):
    leadmagic.statuses["anna@firm.de"] = word
    checked = configured().verify("anna@firm.de")
    assert (checked.status, checked.detail) == (status, word)


def test_a_person_is_found_by_domain_or_company(leadmagic):
    leadmagic.people["anna", "lee", "firm.de"] = ("anna.lee@firm.de", "valid")
    found = configured().find(Person("Anna", "Lee", domain="firm.de", company="Firm GmbH"))
    assert (found.address, found.checked.status) == ("anna.lee@firm.de", "valid")
    assert configured().find(Person("Bob", "Lee", company="Firm GmbH")) is None
    assert leadmagic.requests[-1][1] == {"first_name": "Bob", "last_name": "Lee", "company_name": "Firm GmbH"}


def test_credits_can_be_asked_for(leadmagic):
    leadmagic.credits = 12.5
    assert configured().credits() == 12.5


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("401", Permanent, "key_refused"),
        ("403", Permanent, "key_refused"),
        ("402", Permanent, "no_credits"),
        ("400", Invalid, "invalid"),
        ("422", Invalid, "invalid"),
        ("429", Retryable, "slow_down"),
        ("500", Retryable, "trouble"),
        ("503", Retryable, "trouble"),
        ("html", Retryable, "strange_answer"),
        ("cut", Retryable, "unreachable"),
        ("slow", Retryable, "timeout"),
    ],
)
def test_every_trouble_has_its_error_and_none_shows_the_key(leadmagic, fault, kind, code):
    leadmagic.faults.append(fault)
    leadmagic.slow_seconds = 1
    client = Leadmagic(base_url=leadmagic.url, api_key=KEY, timeout_seconds=0.5 if fault == "slow" else 10)
    with pytest.raises(kind) as error:
        client.verify("anna@firm.de")
    assert error.value.code == code
    assert KEY not in str(error.value) and KEY not in repr(error.value)


def test_it_says_how_long_to_wait(leadmagic):
    leadmagic.faults.append("429")
    with pytest.raises(Retryable) as error:
        configured().verify("anna@firm.de")
    assert error.value.after == timedelta(seconds=30)


def test_a_key_that_is_not_known_is_refused(leadmagic):
    client = Leadmagic(base_url=leadmagic.url, api_key="wrong", timeout_seconds=1)
    with pytest.raises(Permanent, match="rejected the key"):
        client.verify("anna@firm.de")


def test_nobody_listening_is_told_as_such():
    client = Leadmagic(base_url="http://127.0.0.1:1", api_key=KEY, timeout_seconds=1)
    with pytest.raises(Retryable) as error:
        client.verify("anna@firm.de")
    assert error.value.code == "unreachable"


def test_without_a_key_there_is_no_client(settings, monkeypatch):
    monkeypatch.delenv("LEADMAGIC_API_KEY", raising=False)
    assert configured() is None
