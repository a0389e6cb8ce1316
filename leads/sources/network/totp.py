"""Time-based one-time passwords (RFC 6238: SHA-1, 30 seconds, six digits), by pyotp. Pure."""

from __future__ import annotations

import binascii
from datetime import datetime

from pyotp import TOTP

from outreach.core.errors import Invalid


class _SiteTotp(TOTP):
    """A site chooses the secret; many choose 80 bits, below what pyotp asks of those who make their own."""

    min_secret_length_bits = 0


def key(secret: str) -> bytes:
    """The key behind a secret as sites show it: base 32, in groups, with or without padding. Raises `Invalid`."""
    try:
        found = _totp(secret).byte_secret()
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "totp_secret", "The secret of a second factor consists of letters and the digits 2 to 7.", code="malformed"
        ) from error
    if not found:
        raise Invalid("totp_secret", "The secret of the second factor is empty.", code="missing")
    return found


def code(secret: str, now: datetime) -> str:
    """The six digits that are valid at `now`."""
    return _totp(secret).at(now)


def is_valid(secret: str, given: str, now: datetime) -> bool:
    """Whether `given` is the code of now or of one step before or after."""
    return _totp(secret).verify(given.strip(), for_time=now, valid_window=1)


def _totp(secret: str) -> TOTP:
    return _SiteTotp("".join(secret.split()).replace("-", "").upper())
