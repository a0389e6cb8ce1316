"""Canonical JSON and its SHA-256: equal meaning gives equal hashes, whatever the order of keys."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

SEPARATOR = "\x1f"
"""ASCII unit separator, between the parts of a joined hash. Stored text never contains it."""


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no white space; dates as ISO 8601, UUIDs as text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def canonical_hash(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def joined_hash(*parts: str) -> str:
    """Hex SHA-256 of `parts` joined by the unit separator.

    SQL computes the same as `encode(sha256(convert_to(concat_ws(chr(31), …), 'UTF8')), 'hex')`.
    """
    return hashlib.sha256(SEPARATOR.join(parts).encode()).hexdigest()
