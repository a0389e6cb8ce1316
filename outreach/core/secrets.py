"""Encryption of credentials at rest, and keyed hashes of addresses that outlive erasure.

Keys are derived from `SECRET_KEY` (and its fallbacks, so that a rotated key still reads old rows) by HKDF.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from outreach.core.errors import Permanent


@cache
def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


def _fernet() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(s, b"outreach credentials"))) for s in secrets])


def encrypt(value: Any) -> str:
    """Encrypt any JSON value to text."""
    return _fernet().encrypt(json.dumps(value).encode()).decode()


def decrypt(token: str) -> Any:
    """The JSON value behind `token`. Raises `Permanent` when the key that wrote it is gone."""
    try:
        return json.loads(_fernet().decrypt(token.encode()))
    except InvalidToken as error:
        raise Permanent(
            "These credentials were encrypted with another SECRET_KEY: restore that key, add it to"
            " SECRET_KEY_FALLBACKS, or enter the credentials again.",
            code="wrong_secret_key",
        ) from error


def address_digest(address: str) -> str:
    """Keyed hash of a normalised address: recognises an opted-out address after its owner was erased."""
    key = _derive(settings.SECRET_KEY, b"outreach address digest")
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()
