"""Files of incoming text messages (MMS): fetched from Twilio with our password, stored, and shown with the message.

Only Twilio's own host is asked, and the password goes nowhere else. A file that cannot be kept is named with the reason;
trouble of the network is tried again.
"""

from __future__ import annotations

import base64
import mimetypes
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from django.db import transaction

from conversations.files.enclosures import Enclosure, encode
from conversations.files.models import ReceivedFile
from conversations.files.services import limit_bytes, store_file
from conversations.models import Message
from conversations.senders.models import Sender
from outreach.core.errors import OutreachError, Permanent, Retryable
from outreach.core.words import gettext as _
from outreach.jobs.services import enqueue
from outreach.web.services import fetch_safely

logger = structlog.get_logger(__name__)

TASK = "conversations.inbound.tasks.fetch_media"
MAX_ATTEMPTS = 5
EXTENSIONS = {"image/jpeg": ".jpg", "text/vcard": ".vcf", "text/x-vcard": ".vcf", "audio/amr": ".amr"}
TIMEOUT = timedelta(seconds=30)


def fetch(message_id: int) -> int:
    """Copy what is not copied yet; how many files the message has now. Idempotent."""
    message = Message.objects.select_related("sender").filter(pk=message_id, direction=Message.Direction.IN).first()
    urls = message.attributes.get("media") or [] if message else []
    if message is None or message.sender is None or not urls or message.enclosures:
        return 0
    found: list[Enclosure] = []
    faults: list[str] = []
    attempts = int(message.attributes.get("media_attempts") or 0) + 1
    for number, url in enumerate(urls[:10], start=1):
        try:
            found.append(_copy(message, message.sender, str(url), number))
        except Retryable as error:
            if attempts < MAX_ATTEMPTS:
                _try_again(message, attempts, error)
                return 0
            faults.append(_("File %(number)s: %(reason)s") % {"number": number, "reason": error.reason})
        except OutreachError as error:
            faults.append(_("File %(number)s: %(reason)s") % {"number": number, "reason": error.reason})
    _write(message, encode(found), {"media_attempts": attempts, "attachments": faults})
    return len(found)


def _copy(message: Message, sender: Sender, url: str, number: int) -> Enclosure:
    page = fetch_safely(url, max_bytes=limit_bytes(), timeout=TIMEOUT, headers=_password(sender, url))
    if page.status == 404:
        raise Permanent(_("Twilio no longer has this file."), code="media_gone")
    if page.status != 200:
        raise Retryable(_("Twilio returned status %(status)s.") % {"status": page.status}, code="media_trouble")
    media_type = page.media_type
    extension = EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
    with transaction.atomic():
        row = store_file(name=f"media-{number}{extension}", content=page.body, is_received=True)
        ReceivedFile.objects.get_or_create(message=message, file=row)
    return Enclosure(row.content_hash, f"media-{number}{extension}")


def _password(sender: Sender, url: str) -> dict[str, str]:
    """Basic authentication for Twilio's host, or the test server that the sender is set to; raises `Permanent` for another."""
    parts = urlsplit(url)
    own = urlsplit(str(sender.settings.get("base_url") or "https://api.twilio.com"))
    if (parts.scheme, parts.netloc) != (own.scheme, own.netloc):
        raise Permanent(_("The file is on a host that doesn't belong to Twilio."), code="media_host")
    pair = f"{sender.settings.get('account_sid')}:{sender.credentials.get('auth_token')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", "Accept": "*/*"}


def _try_again(message: Message, attempts: int, error: Retryable) -> None:
    logger.info("inbound.media_later", message=message.pk, reason=error.reason)
    with transaction.atomic():
        _write(message, "", {"media_attempts": attempts})
        enqueue(TASK, message.pk, key=f"media:{message.pk}", delay=max(error.after, timedelta(minutes=attempts)))


@transaction.atomic
def _write(message: Message, enclosures: str, attributes: dict[str, object]) -> None:
    row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if not row.attributes.get("media"):  # erased meanwhile
        return
    row.attributes = {**row.attributes, **attributes}
    row.enclosures = enclosures
    row.save(update_fields=["attributes", "enclosures", "updated_at"])
