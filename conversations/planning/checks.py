"""What is checked at the door, before a row exists: recipient, content, thread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from conversations.channels.email import html
from conversations.consent import hours as windows
from conversations.consent.digests import normalise
from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.files.enclosures import Enclosure, encode
from conversations.models import Message
from conversations.outbox.models import Stream
from conversations.senders.models import Sender
from leads.models import Lead
from outreach.core.addresses import EMAIL, SMS, is_reserved
from outreach.core.errors import Invalid, Refused

MAX_SUBJECT = 255
MAX_BODY = {EMAIL: 200_000, SMS: 1_600}
DEFAULT_MAX_BODY = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REPLY = re.compile(r"^\s*re\s*:", re.IGNORECASE)


def check_recipient(
    *,
    channel: str,
    address: str,
    sender: Sender,
    stream: Stream,
    lead: Lead | None,
    is_confirmation: bool = False,
) -> str:
    """The normalised address; raises `Invalid` or `Refused` when nothing may be planned for it.

    `is_confirmation`: it does nothing but confirm an opt-out, which therefore does not stand against it.
    """
    if sender.channel != channel:
        raise Invalid(
            "sender",
            _("%(sender)s sends on %(theirs)s, not on %(ours)s.")
            % {"sender": sender.name, "theirs": sender.channel, "ours": channel},
            code="wrong_channel",
        )
    normal = normalise(channel, address)
    if stream.state == "closed":
        raise Refused(_("“%(stream)s” is closed.") % {"stream": stream.name}, code="stream_closed")
    if lead is not None and lead.erased_at is not None:
        raise Refused(_("This person was erased; nothing may be sent any more."), code="erased")
    row = is_suppressed(channel=channel, address=normal, lead=lead)
    if row is not None and not (is_confirmation and row.reason == Suppression.Reason.OPT_OUT):
        raise Refused(
            _("This recipient is suppressed: %(reason)s.") % {"reason": Suppression.Reason(row.reason).label},
            code="suppressed",
        )
    if sender.is_simulated != is_reserved(channel, normal):
        raise Refused(
            _("A sandbox sender writes to reserved addresses only (such as …@example.com).")
            if sender.is_simulated
            else _("This address is reserved and belongs to nobody; only a sandbox sender writes to it."),
            code="sandbox_mismatch",
        )
    return normal


def check_content(*, channel: str, subject: str, body: str, body_html: str) -> None:
    """Raise `Invalid` for header injection, control characters, an empty text, and what is too long."""
    if "\r" in subject or "\n" in subject:
        raise Invalid("subject", _("A subject is one line."), code="header_injection")
    for field, text in (("subject", subject), ("body", body), ("body_html", body_html)):
        if _CONTROL.search(text):
            raise Invalid(field, _("There are control characters in the text."), code="control_characters")
    if not body.strip():
        raise Invalid("body", _("The message is empty."), code="empty")
    if channel == EMAIL and not subject.strip():
        raise Invalid("subject", _("An e-mail needs a subject."), code="missing")
    if len(subject) > MAX_SUBJECT:
        raise Invalid(
            "subject", _("The subject is longer than %(n)s characters.") % {"n": MAX_SUBJECT}, code="too_long"
        )
    limit = MAX_BODY.get(channel, DEFAULT_MAX_BODY)
    for field, text in (("body", body), ("body_html", body_html)):
        if len(text) > limit:
            raise Invalid(
                field,
                _("The text has %(length)s characters; %(limit)s are allowed on this channel.")
                % {"length": len(text), "limit": limit},
                code="too_long",
            )


def set_time(message: Message, now: datetime) -> None:
    """Move `message` (not saved yet) to the first opening of its hours and keep the decision on it.

    Raises `Invalid` when its hours never open together.
    """
    if windows.is_always_open(message) or message.scheduled_at is None:
        return
    wanted = max(message.scheduled_at, now)
    bounds = windows.bounds(message, wanted)
    if bounds.opens_at is None:
        raise Invalid(
            "window",
            _("These hours never open together: %(closed)s. Change the window, the zone or the sender's hours.")
            % {"closed": "; ".join(bounds.closed)},
            code="window_never_opens",
        )
    if bounds.opens_at > wanted:
        message.scheduled_at = bounds.opens_at
    message.timing = bounds.as_json(now, "planned")


def reply_subject(first: str, given: str = "") -> str:
    """`Re: ` and the subject of the thread, once; the thread's subject wins over a new one."""
    subject = first or given
    if not subject or _REPLY.match(subject):
        return subject
    return f"Re: {subject}"[:MAX_SUBJECT]


def html_for(body: str, files: Sequence[Enclosure]) -> str:
    """The HTML that shows inline images below the text; empty without any."""
    image_ids = [file.content_id for file in files if file.is_inline]
    return html.of_text(body, image_ids=image_ids) if image_ids else ""


def checked_enclosures(channel: str, files: Sequence[Enclosure], sender: Sender) -> str:
    """What the message's column holds; raises `Invalid` for a channel without files and for files that may not be."""
    if not files:
        return ""
    if channel not in (EMAIL, SMS):
        raise Invalid("files", _("Files can be sent by e-mail and SMS only."), code="wrong_channel")
    from conversations.files.services import check_enclosures

    check_enclosures(files)
    if channel == SMS:
        _check_media(files, sender)
    return encode(files)


def _check_media(files: Sequence[Enclosure], sender: Sender) -> None:
    """What a text message may carry, from whom, and whether the carrier can fetch it here."""
    from conversations.channels.sms import callbacks, media
    from conversations.files.models import StoredFile

    rows = StoredFile.objects.filter(content_hash__in={file.content_hash for file in files})
    known = {row.content_hash: row for row in rows.defer("content")}
    media.check_files((f.name, known[f.content_hash].media_type, known[f.content_hash].size) for f in files)
    if sender.adapter != "twilio":
        return
    media.check_origin(address=sender.address, has_service=bool(sender.settings.get("messaging_service_sid")))
    if not sender.settings.get("base_url"):
        place = str(settings.PUBLIC_BASE_URL)
        media.check_place(place, is_public=callbacks.is_public(place))


def tracking_marks(channel: str, stream: Stream) -> dict[str, bool]:
    """What the message remembers of the stream's choice; asked again when it leaves. Empty, as a rule: off."""
    if channel != EMAIL or not (stream.tracks_opens or stream.tracks_clicks):
        return {}
    return {"is_tracked": True}
