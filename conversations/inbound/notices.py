"""What follows from a bounce, receipt or abuse report: events on the messages that it names, suppressions, dead addresses."""

from __future__ import annotations

from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.inbound import matching, receiving, soft_bounces
from conversations.inbound.models import InboundEvent
from conversations.inbound.receiving import ACTOR, Outcome
from conversations.models import Message
from conversations.outbox.events import record_event
from conversations.reading import bounces
from conversations.reading.incoming import Incoming
from conversations.reading.reasons import Reason
from conversations.replies import consequences
from leads.models import Channel
from outreach.core.words import gettext as _


def handle(event: InboundEvent, notice: bounces.Notice) -> Outcome:
    """A bounce, receipt or abuse report: events on the messages that it names, and what follows for the addresses."""
    about: Message | None = None
    for recipient in notice.recipients or (None,):
        address = recipient.address if recipient else ""
        original = matching.match_notice(ids=notice.returned_ids, address=address, now=event.received_at)
        if original is None:
            continue
        about = about or original
        receiving.lock(original.conversation)
        if recipient is None:
            _unnamed(event, original, notice)
        elif notice.kind == "complaint":
            _complaint(event, original, recipient)
        elif _is_about(original, recipient):
            _bounce(event, original, recipient)
        else:
            _bounced_elsewhere(event, original, recipient)
    return Outcome(notice.kind, about, is_ignored=about is None)


def _is_about(original: Message, recipient: bounces.Recipient) -> bool:
    """Whether the notice speaks of the address that we wrote to, or of its mailbox under another domain."""
    told = {recipient.address, recipient.final_address} - {""}
    local = original.address.partition("@")[0]
    return original.address in told or any(address.partition("@")[0] == local for address in told)


def _unnamed(event: InboundEvent, original: Message, notice: bounces.Notice) -> None:
    """A notice that names nobody: it came back, no more is known."""
    record_event(
        message=original,
        kind="complained" if notice.kind == "complaint" else "bounced",
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
    )
    if notice.kind == "complaint":
        _suppress_complainer(original)


def _bounced_elsewhere(event: InboundEvent, original: Message, recipient: bounces.Recipient) -> None:
    """Somebody passed our message on, and it bounced there: the address that we wrote to lives."""
    record_event(
        message=original,
        kind="bounced_elsewhere",
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}:{recipient.address}"[:200],
        data={"code": recipient.status, "class": str(recipient.reason), "address": recipient.address},
    )


def handle_read_receipt(event: InboundEvent, read: Incoming) -> Outcome:
    """A mail program says that our message was shown, or deleted unread: an event, and nothing follows from it."""
    original = matching.message_by_ids(read.original_ids)
    if original is None:
        return Outcome("receipt", is_ignored=True)
    receiving.lock(original.conversation)
    record_event(
        message=original,
        kind="opened" if read.is_read else "deleted_unread",
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
        data={"source": "read receipt"},
    )
    return Outcome("receipt", original)


def _bounce(event: InboundEvent, original: Message, recipient: bounces.Recipient) -> None:
    is_still_tried = recipient.reason is Reason.DELAYED and recipient.action == "delayed"
    kind = "delivered" if recipient.reason is Reason.DELIVERED else "delayed" if is_still_tried else "bounced"
    reason = recipient.diagnostic or str(recipient.reason)
    record_event(
        message=original,
        kind=kind,
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
        data={
            "code": recipient.status,
            "reason": reason[:500],
            "class": str(recipient.reason),
            "is_hard": recipient.is_hard,
            "address": recipient.address,
        },
    )
    if kind == "bounced" and recipient.is_hard:
        # the address that we wrote to, never one that a notice merely claims
        consequences.invalidate(channel=Channel.EMAIL, address=original.address, reason=reason)
        suppress(
            Target.address_of(original),
            reason=Suppression.Reason.BOUNCE,
            actor=ACTOR,
            evidence=f"{recipient.status} {reason}".strip()[:500],
            message=original,
        )
    elif kind == "bounced" and recipient.reason not in soft_bounces.ABOUT_US:
        soft_bounces.follow(original, actor=ACTOR, now=event.received_at)


def _complaint(event: InboundEvent, original: Message, recipient: bounces.Recipient) -> None:
    record_event(
        message=original,
        kind="complained",
        occurred_at=event.received_at,
        external_id=f"inbound:{event.pk}:{original.pk}",
        data={"reason": recipient.diagnostic},
    )
    _suppress_complainer(original)


def _suppress_complainer(original: Message) -> None:
    suppress(
        Target.person_of(original),
        reason=Suppression.Reason.COMPLAINT,
        actor=ACTOR,
        evidence=_("Abuse report from the recipient's mail provider"),
        message=original,
    )
