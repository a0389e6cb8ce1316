"""What Twilio's status callbacks mean for a message. They come in any order and more than once; only upwards counts."""

from __future__ import annotations

from conversations.channels.sms import codes
from conversations.inbound import twilio_failures
from conversations.inbound.models import InboundEvent
from conversations.models import MESSAGE, Message
from conversations.outbox.events import lock_conversation, record_event

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


def handle(event: InboundEvent) -> Message | None:
    """Record one callback; the message that it is about, or None when it is not ours."""
    message = _message(event)
    if message is None:
        return None
    sid, status = str(event.fields.get("MessageSid", "")), str(event.fields.get("MessageStatus", "")).lower()
    lock_conversation(message.conversation_id)
    if sid and sid != message.provider_id and sid in _earlier_ids(message):
        _late_news(message, sid, status, event)
        return message
    is_proof = message.is_unknown or message.state in MESSAGE.may_still_leave
    kind = KINDS.get(status) or ("sent" if status in TAKEN and is_proof else None)
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
    if is_new and kind == "failed" and code and message.is_failed:
        twilio_failures.apply(message, code)
    return message


def _earlier_ids(message: Message) -> set[str]:
    """Twilio's ids of earlier attempts of this message."""
    return {
        str(sid)
        for sid in message.events.filter(kind="scheduled", data__has_key="earlier_provider_id").values_list(
            "data__earlier_provider_id", flat=True
        )
        if sid
    }


def _late_news(message: Message, sid: str, status: str, event: InboundEvent) -> None:
    """An earlier attempt is reported on. That it arrived after all ends the waiting for another one."""
    if KINDS.get(status) not in ("delivered", "opened"):
        return
    is_new = record_event(
        message=message,
        kind=KINDS[status],
        occurred_at=event.received_at,
        external_id=f"twilio:{sid}:{status}",
        data={"source": "twilio", "status": status, "attempt": sid},
    )
    if is_new:
        Message.objects.filter(pk=message.pk, provider_id="").update(provider_id=sid)


def _message(event: InboundEvent) -> Message | None:
    """By our id in the callback's address, which works before the API answered; else by Twilio's id."""
    ours = Message.objects.select_related("sender", "lead").filter(direction=Message.Direction.OUT)
    if event.sender_id:
        ours = ours.filter(sender_id=event.sender_id)
    number, sid = str(event.fields.get("message_id") or ""), str(event.fields.get("MessageSid") or "")
    if number.isdecimal() and len(number) < 19 and (found := ours.filter(pk=int(number)).first()):
        return found if found.provider_id in {"", sid} or sid in _earlier_ids(found) else None
    return ours.filter(provider_id=sid).first() if sid else None


def _code(event: InboundEvent) -> int:
    text = str(event.fields.get("ErrorCode") or "")
    return int(text) if text.isdecimal() else 0
