"""Encryption of credentials at rest, and keyed hashes of addresses that outlive erasure.

Credentials are sealed with keys derived from `SECRET_KEY` (and its fallbacks, so that a rotated key still reads old rows)
by HKDF. What must be found again for ever, an address, is hashed with a key of the database's own, sealed the same way.
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
from outreach.core.models import DataKey

ADDRESS_KEY = "address digest"


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


@cache
def data_key(name: str) -> bytes:
    """The key that the database keeps under `name`, made on first use; cached for the life of the process.

    Raises `Permanent` (`wrong_secret_key`) when this process has another SECRET_KEY than the one that sealed it: such a
    process must not touch the database's people, for it would not recognise who opted out.
    """
    row = DataKey.objects.filter(pk=name).first()
    if row is None:
        key = _derive(settings.SECRET_KEY, f"outreach {name}".encode())
        row, _created = DataKey.objects.get_or_create(pk=name, defaults={"token": encrypt(key.hex())})
    return bytes.fromhex(decrypt(row.token))


def address_digest(address: str) -> str:
    """Keyed hash of a normalised address: recognises an opted-out address after its owner was erased."""
    return hmac.new(data_key(ADDRESS_KEY), address.encode(), hashlib.sha256).hexdigest()


def address_pads() -> tuple[bytes, bytes]:
    """The key of `address_digest` as the two blocks that HMAC begins with, for who computes it in SQL."""
    block = data_key(ADDRESS_KEY).ljust(hashlib.sha256().block_size, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def require_own_database() -> None:
    """Raises `Permanent` when the database was written with a SECRET_KEY that this process does not have."""
    try:
        data_key(ADDRESS_KEY)
    except Permanent as error:
        raise Permanent(
            "This database was written with another SECRET_KEY: set that key again, or add it to "
            "SECRET_KEY_FALLBACKS. With the wrong key, people who opted out would not be recognised, so "
            "nothing is started or sent.",
            code="wrong_secret_key",
        ) from error
