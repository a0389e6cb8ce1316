"""The test vectors of RFC 6238 (SHA-1), cut to six digits."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from leads.sources.network import totp
from outreach.core.errors import Invalid

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_codes_of_the_standard(seconds, expected):
    assert totp.code(SECRET, datetime.fromtimestamp(seconds, UTC)) == expected


def test_a_clock_that_is_a_step_off_is_forgiven_and_no_more():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    given = totp.code(SECRET, now)
    assert totp.is_valid(SECRET, f" {given} ", now + timedelta(seconds=30))
    assert not totp.is_valid(SECRET, given, now + timedelta(seconds=90))


@pytest.mark.parametrize("secret", ["", "not base 32!", "0189"])
def test_a_secret_that_is_none_is_refused(secret):
    with pytest.raises(Invalid) as error:
        totp.key(secret)
    assert error.value.field == "totp_secret"


def test_a_secret_may_be_written_in_groups():
    assert totp.key("jbsw y3dp-ehpk 3pxp") == totp.key("JBSWY3DPEHPK3PXP")
