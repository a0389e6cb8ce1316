"""What Twilio's status callbacks mean for a message. They come in any order and more than once; only upwards counts."""

from __future__ import annotations

from conversations.channels.base import Fault
from conversations.channels.sms import codes
from conversations.consent.models import Suppression
from conversations.consent.services import suppress
from conversations.delivery.events import record_event
from conversations.inbound.models import InboundEvent
from conversations.models import Message
from conversations.senders.services import pause_for_fault
from leads.models import Channel, Identity
from outreach.core.models import Actor

ACTOR = Actor.system("twilio")
KINDS = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
TAKEN = frozenset({"accepted", "scheduled", "queued", "sending"})
"""Statuses that prove no more than that Twilio has the message: news only where even that is not known."""
UNKNOWN_HANDSET = 30005
STRIKES = 2
"""An unknown handset may be a phone that is changing its network; the second time the number is given up."""


def handle(event: InboundEvent) -> Message | None:
    """Record one callback; the message that it is about, or None when it is not ours."""
    message = _message(event)
    if message is None:
        return None
    sid, status = str(event.fields.get("MessageSid", "")), str(event.fields.get("MessageStatus", "")).lower()
    kind = KINDS.get(status) or ("sent" if status in TAKEN and message.state == "unknown" else None)
    if kind is None:
        return message
    if sid and not message.provider_id:
        Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=sid)
    code = _code(event)
    data: dict[str, object] = {"source": "twilio", "status": status}
    if kind == "failed":
        reason = codes.explain(code).sentence if code else f"Twilio reports it as {status}."
        data |= {"code": str(code or status), "reason": reason}
    is_new = record_event(
        message=message,
        kind=kind,
        occurred_at=event.received_at,
        external_id=f"twilio:{sid}:{status}",
        data=data,
    )
    if is_new and kind == "failed" and code:
        _consequences(message, code)
    return message


def _message(event: InboundEvent) -> Message | None:
    """By our id in the callback's address, which works before the API answered; else by Twilio's id."""
    ours = Message.objects.select_related("sender", "lead").filter(direction=Message.Direction.OUT)
    if event.sender_id:
        ours = ours.filter(sender_id=event.sender_id)
    number, sid = str(event.fields.get("message_id") or ""), str(event.fields.get("MessageSid") or "")
    if number.isdecimal() and len(number) < 19 and (found := ours.filter(pk=int(number)).first()):
        return found if found.provider_id in {"", sid} else None
    return ours.filter(provider_id=sid).first() if sid else None


def _code(event: InboundEvent) -> int:
    text = str(event.fields.get("ErrorCode") or "")
    return int(text) if text.isdecimal() else 0


def _consequences(message: Message, code: int) -> None:
    """What a failure says about the number, the person or the sender beyond this message."""
    known = codes.explain(code)
    evidence = f"Twilio {code}: {known.sentence}"
    if known.fault is Fault.OPTED_OUT:
        suppress(
            reason=Suppression.Reason.OPT_OUT,
            actor=ACTOR,
            evidence=evidence,
            lead=message.lead,
            channel=Channel.SMS,
            address=message.address,
            message=message,
        )
    elif known.fault is Fault.ADDRESS and _is_final(message, code):
        Identity.objects.filter(channel=Channel.SMS, address=message.address).update(
            status=Identity.Status.INVALID, status_reason=evidence[:300]
        )
        suppress(
            reason=Suppression.Reason.BOUNCE,
            actor=ACTOR,
            evidence=evidence,
            channel=Channel.SMS,
            address=message.address,
            message=message,
        )
    elif known.fault is Fault.SENDER and message.sender is not None:
        pause_for_fault(sender=message.sender, reason=evidence)


def _is_final(message: Message, code: int) -> bool:
    if code != UNKNOWN_HANDSET:
        return True
    failed = Message.objects.filter(
        direction=Message.Direction.OUT,
        channel=Channel.SMS,
        address_digest=message.address_digest,
        state="failed",
        error_code=str(code),
    )
    return failed.count() >= STRIKES
