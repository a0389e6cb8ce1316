"""What a failed text message reveals about the number, the person, the sender and the text.

The table is `conversations.channels.sms.codes`: whose fault it is, and how often the same text may be tried again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from conversations.channels.base import Fault
from conversations.channels.sms import codes
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.dispatch import throttle
from conversations.models import CONVERSATION, MESSAGE, Conversation, Message, MessageEvent
from conversations.outbox.services import hold_text, try_again
from conversations.senders.services import pause_for_fault
from leads.models import Channel, Identity
from leads.services import set_address_status
from outreach.core import clock
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.core.words import joined

ACTOR = Actor.system("twilio")
BLOCKED, UNKNOWN_HANDSET, FILTERED = 30004, 30005, 30007
TOO_FAST = frozenset({20429, 21611, 30001, 30022})
DAILY_CAP = 30023
STRIKES = 2
"""An unknown handset may be a phone that is changing its network; the second time the number is given up."""
FILTERED_SHARE, FILTERED_FLOOR, FILTERED_SPAN = 0.03, 50, timedelta(days=7)
"""A sender is paused above this share of filtered texts, once so many left in this time."""


def apply(message: Message, code: int) -> None:
    """Do what follows from `code` for a message that was just recorded as failed."""
    known = codes.explain(code)
    evidence = joined("", (f"Twilio {code}: ", known.sentence))
    if code in TOO_FAST and message.sender_id:
        throttle.slow_down(message.sender_id)
    if code == DAILY_CAP and message.sender_id:
        throttle.hold_sender(message.sender_id, _until_tomorrow(clock.now()))
    if code == FILTERED:
        _filtered(message, evidence)
    elif code == BLOCKED:
        _blocked(message, evidence)
    elif known.fault is Fault.OPTED_OUT:
        suppress(
            Target.person_of(message),
            reason=Suppression.Reason.OPT_OUT,
            actor=ACTOR,
            evidence=evidence,
            message=message,
            is_by_keyword=True,
        )
    elif known.fault is Fault.ADDRESS and _is_final(message, code):
        addresses = Identity.objects.filter(channel=Channel.SMS, address=message.address)
        set_address_status(addresses, status=Identity.Status.INVALID, reason=evidence[:300])
        suppress(
            Target.address_of(message),
            reason=Suppression.Reason.BOUNCE,
            actor=ACTOR,
            evidence=evidence,
            message=message,
        )
    elif known.fault is Fault.SENDER and message.sender is not None:
        pause_for_fault(sender=message.sender, reason=evidence)
    elif known.fault is Fault.PASSING and known.retry_after and _failures(message, code) <= known.retries:
        try_again(message=message, wait=known.retry_after, actor=ACTOR, reason=evidence)


def _failures(message: Message, code: int) -> int:
    """How often this message failed with `code`, this time included."""
    return message.events.filter(kind="failed", data__code=str(code)).count()


def _filtered(message: Message, evidence: str) -> None:
    """The same text is never sent again; a sender of whose texts many are filtered is paused."""
    reason = _("The carrier filtered this text. Write a new one; links and capital letters are often the cause.")
    hold_text(message=message, actor=ACTOR, reason=reason)
    if message.sender is None:
        return
    since = clock.now() - FILTERED_SPAN
    ours = MessageEvent.objects.filter(message__sender=message.sender, occurred_at__gte=since)
    filtered = ours.filter(kind="failed", data__code=str(FILTERED)).count()
    sent = Message.objects.filter(sender=message.sender, sent_at__gte=since).count()
    if sent >= FILTERED_FLOOR and filtered > FILTERED_SHARE * sent:
        pause_for_fault(
            sender=message.sender,
            reason=_(
                "Carriers filtered %(filtered)s of %(sent)s text messages in 7 days. More than 3%% harms the number."
            )
            % {"filtered": filtered, "sent": sent},
        )


def _blocked(message: Message, evidence: str) -> None:
    """The person may have blocked us: suppress the number and flag it for review."""
    suppress(
        Target.address_of(message), reason=Suppression.Reason.PROVIDER, actor=ACTOR, evidence=evidence, message=message
    )
    Conversation.objects.filter(Q(pk=message.conversation_id), waiting_since=None).exclude(
        state=CONVERSATION.OPTED_OUT
    ).update(waiting_since=clock.now(), handler=Conversation.Handler.PERSON)


def _is_final(message: Message, code: int) -> bool:
    if code != UNKNOWN_HANDSET:
        return True
    failed = Message.objects.filter(
        direction=Message.Direction.OUT,
        channel=Channel.SMS,
        address_digest=message.address_digest,
        state=MESSAGE.FAILED,
        error_code=str(code),
    )
    return failed.count() >= STRIKES


def _until_tomorrow(now: datetime) -> timedelta:
    """The carriers' day ends at midnight UTC."""
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - now
