"""Time-based one-time passwords (RFC 6238: SHA-1, 30 seconds, six digits). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime, timedelta

from outreach.core.errors import Invalid

STEP_SECONDS = 30
DIGITS = 6


def key(secret: str) -> bytes:
    """The key behind a secret as sites show it: base 32, in groups, with or without padding. Raises `Invalid`."""
    text = "".join(secret.split()).replace("-", "").upper()
    try:
        found = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "totp_secret", "The secret of a second factor is letters and the digits 2 to 7.", code="malformed"
        ) from error
    if not found:
        raise Invalid("totp_secret", "The secret of the second factor is empty.", code="missing")
    return found


def code(secret: str, now: datetime) -> str:
    """The six digits that are valid at `now`."""
    counter = struct.pack(">Q", int(now.timestamp()) // STEP_SECONDS)
    digest = hmac.new(key(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def is_valid(secret: str, given: str, now: datetime, *, drift_steps: int = 1) -> bool:
    """Whether `given` is the code of now or of up to `drift_steps` steps before or after."""
    moments = (now + timedelta(seconds=STEP_SECONDS * step) for step in range(-drift_steps, drift_steps + 1))
    return any(hmac.compare_digest(code(secret, moment), given.strip()) for moment in moments)
