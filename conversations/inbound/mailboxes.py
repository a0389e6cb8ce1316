"""The IMAP collector: copies new messages of a mailbox to the raw store and remembers its position.

The cursor moves in the transaction that stores the rows, so that a crash in between costs only another fetch. Two hours
of overlap catch mail that appears late; a new UIDVALIDITY reads the recent past again. Either way a message is stored
once, by its Message-ID. Nothing is marked as seen, moved or deleted.
"""

from __future__ import annotations

import hashlib
import imaplib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.parser import BytesHeaderParser
from typing import Any

import structlog
from django.db import transaction

from conversations.channels.base import Account, NotSent
from conversations.channels.email import imap
from conversations.channels.email.account import imap_server
from conversations.inbound import services
from conversations.inbound.models import MailboxCursor
from conversations.senders.models import Sender
from leads.models import Channel
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.jobs.services import enqueue

logger = structlog.get_logger(__name__)

OVERLAP = timedelta(hours=2)
ZONE_SLACK = timedelta(days=1)
"""IMAP searches by the server's calendar day, whatever its zone."""
FETCH_COUNT = 10
"""Messages a FETCH and a transaction."""
MAXIMUM_BYTES = 2 * 1024 * 1024
"""Of one message; the text stands before its attachments."""
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_ID = re.compile(r"<?([^<>\s]+@[^<>\s]+)>?")


@dataclass(frozen=True)
class Poll:
    """The result of checking a mailbox: new messages, and all that were fetched."""

    stored_count: int
    fetched_count: int


@dataclass(frozen=True)
class _Fetched:
    uid: int
    size: int
    raw: bytes


def poll_all() -> int:
    """Wake the collection of each mailbox; returns how many."""
    senders = (
        Sender.objects.filter(channel=Channel.EMAIL, settings__has_key="imap_host")
        .exclude(settings__imap_host="")
        .values_list("pk", flat=True)
    )
    for sender_id in senders:
        enqueue("conversations.inbound.tasks.poll_mailbox", sender_id, lane="web", key=f"poll:{sender_id}")
    return len(senders)


def poll(*, sender: Sender) -> Poll:
    """Copy new messages from the inbox and junk folder of `sender`.

    Sets `last_polled_at`, or `last_poll_error` when the mailbox could not be read: then follow-ups wait, because a
    reply may lie unseen. Raises nothing for a mailbox that is down.
    """
    began = clock.now()
    try:
        result = _read(sender)
    except (NotSent, OutreachError, OSError, imaplib.IMAP4.error) as error:
        reason = getattr(error, "reason", "") or str(error) or type(error).__name__
        logger.warning("mailbox.unreadable", sender_id=sender.pk, reason=reason)
        Sender.objects.filter(pk=sender.pk).update(last_poll_error=reason[:1000])
        return Poll(0, 0)
    Sender.objects.filter(pk=sender.pk).update(last_polled_at=began, last_poll_error="")
    return result


def _read(sender: Sender) -> Poll:
    server = imap_server(Account(sender.pk, sender.channel, sender.address, "", sender.settings, sender.credentials))
    if server is None:
        return Poll(0, 0)
    from imap_tools import ImapToolsError

    try:
        with imap.signed_in(server) as mailbox:
            junk = imap.special_folder(mailbox, r"\Junk", str(sender.settings.get("junk_folder") or ""))
            polls = [_read_folder(sender, mailbox, folder) for folder in ("INBOX", junk) if folder]
    except ImapToolsError as error:
        raise imaplib.IMAP4.error(str(error)) from error
    return Poll(sum(poll.stored_count for poll in polls), sum(poll.fetched_count for poll in polls))


def _read_folder(sender: Sender, mailbox: Any, folder: str) -> Poll:
    began = clock.now()
    cursor, _is_new = MailboxCursor.objects.get_or_create(sender=sender, folder=folder)
    mailbox.folder.set(folder, readonly=True)
    status = mailbox.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
    validity = int(status["UIDVALIDITY"])
    since = (cursor.polled_at or sender.created_at) - OVERLAP
    if cursor.uid_validity != validity:
        cursor.uid_validity, cursor.last_uid, cursor.recent_uids = validity, 0, []
    uids, recent = _new_uids(mailbox, cursor, since)
    stored_count = 0
    for start in range(0, len(uids), FETCH_COUNT):
        chunk = uids[start : start + FETCH_COUNT]
        fetched = list(_fetch(mailbox, chunk))
        with transaction.atomic():
            stored_count += sum(_store(sender, folder, message) for message in fetched)
            known = sorted({*cursor.recent_uids, *(uid for uid in chunk if uid in recent)})
            _advance(cursor, last_uid=max(chunk), recent=known)
    # the whole overlap is known only now; what lies before it is forgotten
    _advance(cursor, last_uid=int(status["UIDNEXT"]) - 1, recent=sorted(recent), polled_at=began)
    return Poll(stored_count, len(uids))


def _new_uids(mailbox: Any, cursor: MailboxCursor, since: datetime) -> tuple[list[int], set[int]]:
    """What to fetch, oldest first, and all messages of the overlap.

    In a mailbox that was never read (or got a new UIDVALIDITY) only the recent past counts: we do not import history.
    """
    recent = {int(uid) for uid in mailbox.uids(f"SINCE {_imap_date((since - ZONE_SLACK).date())}")}
    found = recent - set(cursor.recent_uids)
    if cursor.last_uid:
        after = (int(uid) for uid in mailbox.uids(f"UID {cursor.last_uid + 1}:*"))
        found |= {uid for uid in after if uid > cursor.last_uid}  # n:* names the last message even when it is older
    return sorted(found), recent


def _advance(cursor: MailboxCursor, *, last_uid: int, recent: list[int], polled_at: datetime | None = None) -> None:
    cursor.last_uid = max(cursor.last_uid, last_uid)
    cursor.recent_uids = recent
    cursor.polled_at = polled_at or cursor.polled_at
    cursor.save(update_fields=["uid_validity", "last_uid", "recent_uids", "polled_at"])


def _fetch(mailbox: Any, uids: list[int]) -> Iterator[_Fetched]:
    """The raw messages, cut at `MAXIMUM_BYTES`; deleted ones are left out."""
    wanted = ",".join(str(uid) for uid in uids)
    result, items = mailbox.client.uid("FETCH", wanted, f"(UID RFC822.SIZE BODY.PEEK[]<0.{MAXIMUM_BYTES}>)")
    if result != "OK":
        raise imaplib.IMAP4.error(f"FETCH was answered {result}")
    for index, item in enumerate(items):
        if not isinstance(item, tuple):
            continue
        following = items[index + 1] if index + 1 < len(items) else b""
        described = item[0] + (following if isinstance(following, bytes) else b"")
        uid, size = _UID.search(described), _SIZE.search(described)
        if uid is not None:
            yield _Fetched(int(uid[1]), int(size[1]) if size else len(item[1]), item[1])


def _store(sender: Sender, folder: str, message: _Fetched) -> bool:
    event = services.store(
        source="imap",
        external_id=f"{sender.pk}:{identity(message.raw)}",
        sender=sender,
        fields={
            "folder": folder,
            "uid": message.uid,
            "size": message.size,
            "is_cut": message.size > MAXIMUM_BYTES,
        },
        body=message.raw,
    )
    return event is not None


def identity(raw: bytes) -> str:
    """What makes a mail the same mail: its Message-ID, or a hash of all of it where it has none that deserves the name."""
    header, _blank, _body = raw.partition(b"\r\n\r\n")
    found = _ID.fullmatch(str(BytesHeaderParser().parsebytes(header + b"\r\n\r\n").get("Message-ID", "")).strip())
    return found[1] if found else f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _imap_date(day: date) -> str:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{day.day:02d}-{months[day.month - 1]}-{day.year}"
