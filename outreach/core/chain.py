"""The audit trail as one chain: each entry is sealed with a keyed hash over itself and the seal before it.

Entries are written as before, by any number of writers; once a minute, and before each verification, one process seals
what is new, so that nobody who writes waits for a neighbour. The key is derived from `SECRET_KEY`, so that the database alone cannot make seals.
What a person wrote as a reason is in the hash as a salted digest: erasing reason and salt leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC

import structlog
from django.db import connection, transaction

from outreach.core.models import AuditEntry
from outreach.core.secrets import data_key

BATCH = 5_000
MOST_A_RUN = 200_000
_LOCK = 7_310_001
_KEY = "audit chain"
FIRST = "0" * 64
"""What stands before the first seal."""


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found; `fault` is empty when it is whole. Not sealed is what others wrote meanwhile."""

    sealed: int
    unsealed: int
    erased: int
    head: str
    entry: int | None = None
    """The first record that does not fit."""
    fault: str = ""


def seal(*, most: int = MOST_A_RUN) -> int:
    """Seal what was written since the last time, oldest first; how many entries that were."""
    count = 0
    while count < most and (sealed := _seal_batch()):
        count += sealed
    return count


@transaction.atomic
def _seal_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    entries = list(AuditEntry.objects.filter(position=None).order_by("pk").select_for_update(no_key=True)[:BATCH])
    if not entries:
        return 0
    last = AuditEntry.objects.exclude(position=None).order_by("-position").first()
    position, head = (last.position or 0, last.seal) if last else (0, FIRST)
    key = data_key(_KEY)
    for entry in entries:
        if entry.reason:
            entry.salt = secrets.token_hex(16)
            entry.reason_digest = _digest_of_reason(entry)
        position += 1
        head = _seal_of(entry, position, head, key)
        entry.position, entry.seal = position, head
    AuditEntry.objects.bulk_update(entries, ["position", "seal", "salt", "reason_digest"], batch_size=1_000)
    structlog.get_logger(__name__).info("audit.sealed", count=len(entries), position=position, head=head)
    return len(entries)


def verify(*, expected: str = "") -> Verdict:
    """Seal what is new, then walk the chain from its beginning, so that every entry written before is part of it.

    `expected` is a seal that was noted elsewhere and has to be part of it.
    """
    seal(most=AuditEntry.objects.filter(position=None).count())
    key, position, head, erased, is_seen = data_key(_KEY), 0, FIRST, 0, not expected
    while batch := list(AuditEntry.objects.filter(position__gt=position).order_by("position")[:BATCH]):
        for entry in batch:
            if fault := _fault(entry, position, head, key):
                return Verdict(position, _unsealed(), erased, head, entry.pk, fault)
            position, head = position + 1, entry.seal
            erased += bool(entry.reason_digest and not entry.reason)
            is_seen = is_seen or head == expected
    fault = (
        ""
        if is_seen
        else "The expected seal is not in the chain: records at its end were removed, or all was rewritten."
    )
    return Verdict(position, _unsealed(), erased, head, fault=fault)


def _unsealed() -> int:
    return AuditEntry.objects.filter(position=None).count()


def _fault(entry: AuditEntry, position: int, head: str, key: bytes) -> str:
    """Why `entry` cannot follow the record at `position`; empty when it can."""
    if entry.position != position + 1:
        return f"Record {position + 1} of the chain is missing before this one."
    if not hmac.compare_digest(entry.seal, _seal_of(entry, position + 1, head, key)):
        return "This record was changed, or the one before it was."
    if entry.reason and entry.reason_digest != _digest_of_reason(entry):
        return "The reason of this record was changed."
    return ""


def _digest_of_reason(entry: AuditEntry) -> str:
    return hashlib.sha256(f"{entry.salt}{entry.reason}".encode()).hexdigest()


def _seal_of(entry: AuditEntry, position: int, head: str, key: bytes) -> str:
    """HMAC-SHA256 over the seal before and the entry; without its reason, and without the user's number, which goes
    when the user is deleted."""
    said = [
        head,
        position,
        entry.pk,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.actor_kind,
        entry.actor_name,
        entry.reason_digest,
        entry.data,
    ]
    return hmac.new(key, json.dumps(said, sort_keys=True, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()
