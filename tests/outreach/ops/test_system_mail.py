"""What `manage.py check` says of `[mail]`."""

from __future__ import annotations

import pytest

from outreach.configuration import Configuration
from outreach.ops import checks

WHOLE = {"host": "smtp.firm.example", "sender": "outreach@firm.example", "username": "outreach"}


@pytest.fixture
def found(settings, monkeypatch):
    """The ids of what is found for a `[mail]`."""

    def check(password="secret", **mail):
        monkeypatch.setenv("MAIL_PASSWORD", password)
        settings.OUTREACH = Configuration.model_validate({"mail": mail})
        return [message.id for message in checks.system_mail_is_complete(None) + checks.system_mail_is_set_up(None)]

    return check


def test_a_whole_section_is_fine(found):
    assert found(**WHOLE) == []


def test_no_section_is_a_warning_for_a_public_server_only(found):
    assert found() == ["outreach.W002"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sender": ""}, "outreach.E020"),
        ({"password": ""}, "outreach.E021"),
        ({"security": "none"}, "outreach.E022"),
    ],
)
def test_what_is_missing_is_named(found, change, expected):
    assert found(**{**WHOLE, **change}) == [expected]


def test_a_server_on_this_machine_needs_neither_encryption_nor_a_user(found):
    assert found(host="127.0.0.1", security="none", sender="outreach@firm.example") == []
