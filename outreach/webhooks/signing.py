"""Signatures by Standard Webhooks (https://www.standardwebhooks.com), symmetric form `v1`. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of 256 random bits, as receivers enter it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, *, number: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 of the HMAC-SHA256 of id.timestamp.body>`."""
    content = f"{number}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def headers(secrets: Iterable[str], *, number: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a request; during a rotation it is signed with both secrets, newest first."""
    signatures = [sign(secret, number=number, timestamp=timestamp, body=body) for secret in secrets]
    return {"webhook-id": number, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
