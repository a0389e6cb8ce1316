"""Store files, and find them for a message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import IO

from django.conf import settings

from conversations.channels.base import Attachment
from conversations.files import inspection
from conversations.files.enclosures import Enclosure, decode
from conversations.files.models import ReceivedFile, StoredFile
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _

MEGABYTE = 1024 * 1024
MAX_FILES = 10


def limit_bytes() -> int:
    """How large all files of one message may be together."""
    return int(settings.OUTREACH.delivery.max_attachment_megabytes) * MEGABYTE


def store_file(
    *, name: str, content: IO[bytes] | bytes, uploaded_by: User | None = None, is_received: bool = False
) -> StoredFile:
    """Store a file; the same content is the same row. `is_received`: it came with a message rather than an upload.

    Raises `Invalid("files", …)` for one that is empty, larger than a message may be, or runs something. Of a stream no
    more is read than the limit and one byte.
    """
    clean = inspection.clean_name(name)
    limit = limit_bytes()
    data = content if isinstance(content, bytes) else content.read(limit + 1)
    if len(data) > limit:
        raise _too_large(clean, limit)
    inspection.check_content(clean, data)
    row, _is_new = StoredFile.objects.get_or_create(
        content_hash=hashlib.sha256(data).hexdigest(),
        defaults={
            "name": clean,
            "media_type": inspection.media_type(clean, data),
            "size": len(data),
            "content": data,
            "uploaded_by": uploaded_by,
            "is_received": is_received,
        },
    )
    if row.is_received and not is_received:  # from now on it is ours too
        StoredFile.objects.filter(pk=row.pk).update(is_received=False)
    return row


def forget_received(message_ids: Iterable[int]) -> int:
    """Delete what these messages brought and nothing else holds; how many files."""
    ids = list(message_ids)
    files = list(ReceivedFile.objects.filter(message__in=ids).values_list("file", flat=True))
    if not files:
        return 0
    ReceivedFile.objects.filter(message__in=ids).delete()
    gone = StoredFile.objects.filter(pk__in=files, is_received=True, received_with=None)
    return gone.delete()[1].get("files.StoredFile", 0)


def _too_large(name: str, limit: int) -> Invalid:
    return Invalid(
        "files",
        _("“%(name)s” is larger than %(limit)s MB, the limit for a message. Store it elsewhere and send a link.")
        % {"name": name, "limit": limit // MEGABYTE},
        code="file_too_large",
    )


def store_uploads(uploads: Sequence[object], *, uploaded_by: User | None = None) -> list[Enclosure]:
    """Stores a form's uploads; raises `Invalid` for the first invalid one before storing any."""
    files: list[Enclosure] = []
    total, limit = 0, limit_bytes()
    _check_count(len(uploads))
    for upload in uploads:
        name, size = str(getattr(upload, "name", "") or "file"), int(getattr(upload, "size", 0) or 0)
        total += size
        if total > limit:
            raise _too_large(inspection.clean_name(name), limit)
    for upload in uploads:
        name = inspection.clean_name(str(getattr(upload, "name", "") or "file"))
        row = store_file(name=name, content=upload, uploaded_by=uploaded_by)  # type: ignore[arg-type]
        files.append(Enclosure(row.content_hash, name))
    return files


def enclosures_by_hash(content_hashes: Sequence[str]) -> list[Enclosure]:
    """Stored files as attachments under the names of their upload. Raises `Invalid` for one that is not stored."""
    rows = StoredFile.objects.filter(content_hash__in=content_hashes).values_list("content_hash", "name")
    names = dict(rows)
    for content_hash in content_hashes:
        if content_hash not in names:
            raise Invalid("files", _("“%(name)s” is not stored here.") % {"name": content_hash}, code="file_missing")
    return [Enclosure(content_hash, names[content_hash]) for content_hash in content_hashes]


def check_enclosures(enclosures: Iterable[Enclosure]) -> None:
    """Raise `Invalid("files", …)` when a file is not kept, an inline one is no image, or all are too many or too large."""
    wanted = list(enclosures)
    if not wanted:
        return
    _check_count(len(wanted))
    rows = {
        row.content_hash: row
        for row in StoredFile.objects.defer("content").filter(content_hash__in={e.content_hash for e in wanted})
    }
    total, limit = 0, limit_bytes()
    for enclosure in wanted:
        row = rows.get(enclosure.content_hash)
        if row is None:
            raise Invalid("files", _("“%(name)s” is not stored here.") % {"name": enclosure.name}, code="file_missing")
        if enclosure.is_inline and not row.is_image:
            raise Invalid(
                "files",
                _("“%(name)s” is not a PNG, JPEG, GIF or WebP image. Only those can be shown inside the text.")
                % {"name": enclosure.name},
                code="file_not_image",
            )
        total += row.size
        if total > limit:
            raise _too_large(enclosure.name, limit)


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise Invalid(
            "files", _("A message can include at most %(n)s files.") % {"n": MAX_FILES}, code="too_many_files"
        )


def attachments(text: str) -> tuple[Attachment, ...]:
    """The files of a message (`Message.enclosures`) with their content, ready for an adapter."""
    found = []
    for enclosure in decode(text):
        media_type, content = _content(enclosure.content_hash)
        found.append(Attachment(enclosure.name, media_type, content, enclosure.content_id))
    return tuple(found)


@lru_cache(maxsize=4)
def _content(content_hash: str) -> tuple[str, bytes]:
    """Caches a few files: a campaign sends the same one thousands of times. Content never changes under its hash."""
    row = StoredFile.objects.get(content_hash=content_hash)
    return row.media_type, bytes(row.content)
