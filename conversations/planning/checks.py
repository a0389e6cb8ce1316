"""Checks before planning a message: recipient, content, thread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from conversations.channels.email import html
from conversations.channels.sms import callbacks, media
from conversations.consent import confirmations
from conversations.consent.digests import normalise
from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.files.enclosures import Enclosure, encode
from conversations.files.models import StoredFile
from conversations.files.services import check_enclosures
from conversations.outbox import copies
from conversations.outbox.models import Stream
from conversations.outbox.threads import MAX_SUBJECT, reply_subject
from conversations.planning import first_text
from conversations.planning.plans import MessagePlan
from conversations.senders.assigning import check_takes
from conversations.senders.models import Sender
from leads.models import Lead
from outreach.core.addresses import EMAIL, SMS, is_reserved
from outreach.core.errors import Invalid, Refused
from outreach.core.words import gettext as _

MAX_BODY = {EMAIL: 200_000, SMS: 1_600}
DEFAULT_MAX_BODY = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def addressed(plan: MessagePlan) -> MessagePlan:
    """`plan` in the thread of what it follows, with its address normalised. Raises `Invalid` for a bad address."""
    before = plan.follows
    if before is not None and before.channel == plan.channel and before.sender is not None:
        plan = replace(
            plan,
            sender=before.sender,
            subject=reply_subject(before.subject, plan.subject),
            in_reply_to=plan.in_reply_to or before.rfc_message_id,
        )
    check_takes(sender=plan.sender, lead=plan.recipient, is_follow_up=plan.is_in_thread)
    if plan.sender.channel != plan.channel:
        raise Invalid(
            "sender",
            _("%(sender)s sends by %(theirs)s, not by %(ours)s.")
            % {"sender": plan.sender.name, "theirs": plan.sender.channel, "ours": plan.channel},
            code="wrong_channel",
        )
    if plan.scheduled_at.tzinfo is None:
        raise Invalid("scheduled_at", _("The time needs a time zone."), code="naive_time")
    return replace(plan, address=normalise(plan.channel, plan.address))


def completed(plan: MessagePlan) -> MessagePlan:
    """`plan` with what its text still needs: images shown below it, our name and the opt-out words in a first SMS.

    Raises `Invalid` for content that may not be.
    """
    if plan.channel != EMAIL:  # nothing to show an image in
        plan = replace(plan, files=[Enclosure(file.content_hash, file.name) for file in plan.files])
    plan = replace(plan, body_html=plan.body_html or html_for(plan.body, plan.files))
    if plan.channel == SMS and plan.conversation is not None and not confirmations.is_service(plan.attributes):
        body = first_text.complete(
            conversation=plan.conversation, sender=plan.sender, body=plan.body, language=plan.language
        )
        plan = replace(plan, body=body)
    check_content(channel=plan.channel, subject=plan.subject, body=plan.body, body_html=plan.body_html)
    return plan


def check_recipient(plan: MessagePlan, *, is_suspect: bool) -> None:
    """Raise `Refused` when nothing may be planned for the recipient; `is_suspect`: a suppression covers them.

    What does nothing but confirm an opt-out may be planned in spite of that opt-out.
    """
    if plan.stream.is_closed:
        raise Refused(_("“%(stream)s” is closed.") % {"stream": plan.stream.name}, code="stream_closed")
    lead = plan.recipient
    if lead is not None and lead.erased_at is not None:
        raise Refused(_("This person was erased, so nothing can be sent."), code="erased")
    row = is_suppressed(channel=plan.channel, address=plan.address, lead=lead) if is_suspect else None
    confirms = confirmations.is_confirmation(rule=plan.approval_rule, channel=plan.channel, body=plan.body)
    if row is not None and not (confirms and row.reason == Suppression.Reason.OPT_OUT):
        raise Refused(
            _("This recipient is suppressed: %(reason)s.") % {"reason": Suppression.Reason(row.reason).label},
            code="suppressed",
        )
    if plan.sender.is_simulated != is_reserved(plan.channel, plan.address):
        raise Refused(
            _("Sandbox senders only write to reserved addresses (such as …@example.com).")
            if plan.sender.is_simulated
            else _("This address is reserved. Only sandbox senders can write to it."),
            code="sandbox_mismatch",
        )


def checked_copies(plan: MessagePlan) -> str:
    """Who else gets it, as the message's column holds it.

    Raises `Invalid` for what is no address, `Refused` for somebody who opted out and across the border of the sandbox.
    """
    if not plan.copies:
        return ""
    if plan.channel != EMAIL:
        raise Invalid("cc", _("Only e-mail can have copies."), code="wrong_channel")
    seen = {plan.address}
    cc, bcc = (_normal(kind, given, seen) for kind, given in (("cc", plan.copies.cc), ("bcc", plan.copies.bcc)))
    if len(cc) + len(bcc) > copies.MAX_COPIES:
        raise Invalid("cc", _("At most %(n)s people can get a copy.") % {"n": copies.MAX_COPIES}, code="too_many")
    for address in (*cc, *bcc):
        if row := is_suppressed(channel=EMAIL, address=address, lead=_lead_of(address)):
            reason = Suppression.Reason(row.reason).label
            raise Refused(
                _("%(address)s can't get a copy, as they are suppressed: %(reason)s.")
                % {"address": address, "reason": reason},
                code="suppressed",
            )
        if plan.sender.is_simulated != is_reserved(EMAIL, address):
            raise Refused(
                _("%(address)s can't get a copy: sandbox and real addresses don't mix.") % {"address": address},
                code="sandbox_mismatch",
            )
    return copies.encode(copies.Copies(cc, bcc))


def _lead_of(address: str) -> Lead | None:
    return Lead.objects.filter(identities__channel=EMAIL, identities__address=address).first()


def _normal(kind: str, given: Sequence[str], seen: set[str]) -> tuple[str, ...]:
    """The addresses of `given` that are not in `seen` yet, which grows."""
    found = []
    for text in given:
        try:
            address = normalise(EMAIL, text)
        except Invalid as error:
            raise Invalid(kind, f"{text}: {error.reason}", code="address_invalid") from error
        if address not in seen:
            seen.add(address)
            found.append(address)
    return tuple(found)


def check_content(*, channel: str, subject: str, body: str, body_html: str) -> None:
    """Raise `Invalid` for header injection, control characters, an empty text, and what is too long."""
    if "\r" in subject or "\n" in subject:
        raise Invalid("subject", _("The subject must be a single line."), code="header_injection")
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
                _("The text has %(length)s characters; this channel allows %(limit)s.")
                % {"length": len(text), "limit": limit},
                code="too_long",
            )


def html_for(body: str, files: Sequence[Enclosure]) -> str:
    """The HTML that shows inline images below the text; empty without any."""
    image_ids = [file.content_id for file in files if file.is_inline]
    return html.of_text(body, image_ids=image_ids) if image_ids else ""


def checked_enclosures(channel: str, files: Sequence[Enclosure], sender: Sender) -> str:
    """What the message's column holds; raises `Invalid` for a channel without files and for files that may not be."""
    if not files:
        return ""
    if channel not in (EMAIL, SMS):
        raise Invalid("files", _("Files can only be sent by e-mail and SMS."), code="wrong_channel")
    check_enclosures(files)
    if channel == SMS:
        _check_media(files, sender)
    return encode(files)


def _check_media(files: Sequence[Enclosure], sender: Sender) -> None:
    """What a text message may carry, which senders may send it, and whether the carrier can fetch it here."""
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
    """The stream's tracking choice stored on the message; checked again when it leaves. Usually empty: off."""
    if channel != EMAIL or not (stream.tracks_opens or stream.tracks_clicks):
        return {}
    return {"is_tracked": True}
