"""The use cases of delivery: streams, planning, cancelling, settling, retrying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from conversations.consent.confirmations import is_confirmation
from conversations.delivery import events, moment, planning
from conversations.delivery.content import content_hash
from conversations.delivery.gate import give_back
from conversations.delivery.models import STREAM, Stream
from conversations.delivery.reconciling import reconcile
from conversations.delivery.sending import send_due
from conversations.files.enclosures import Enclosure
from conversations.models import MESSAGE, Conversation, Message, MessageEvent
from conversations.senders.assigning import check_takes
from conversations.senders.models import Sender
from leads.models import Channel, Lead
from outreach.access.models import User
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.jobs.services import enqueue
from outreach.limits.calendars import parse_window
from outreach.llm.models import Interaction

__all__ = [
    "activate_stream",
    "approve",
    "cancel",
    "cancel_planned",
    "cancel_where",
    "close_stream",
    "create_stream",
    "pause_stream",
    "plan_message",
    "reconcile",
    "retry",
    "send_due",
    "settle",
    "update_stream",
    "wake",
]

CANCELLABLE = ("scheduled", "deferred", "claimed", "skipped")
"""States that a message certainly has not left in, and that may still leave."""
RETRYABLE = ("failed", "skipped", "deferred")
LANES: Mapping[str, str] = {Channel.EMAIL: "email", Channel.SMS: "sms", Channel.NETWORK: "web"}


def wake(channel: str) -> None:
    """Have the lane of `channel` look at once, in the caller's transaction."""
    lane = LANES[channel]
    enqueue(f"conversations.delivery.tasks.send_due_{channel}", lane=lane, key=f"send_due:{channel}", priority=5)


# streams


def create_stream(
    *,
    name: str,
    window: Mapping[str, Any] | None = None,
    daily_cap: int | None = None,
    priority: int = 0,
    is_stopped_by_reply: bool = True,
) -> Stream:
    """A paused stream. Raises `Invalid` for a window that is none or never opens and for a cap of zero."""
    _check_stream(window, daily_cap)
    return Stream.objects.create(
        name=name,
        window=dict(window or {}),
        daily_cap=daily_cap,
        priority=priority,
        is_stopped_by_reply=is_stopped_by_reply,
    )


def update_stream(
    *,
    stream: Stream,
    actor: Actor,
    window: Mapping[str, Any] | None = None,
    daily_cap: int | None = None,
    priority: int = 0,
) -> Stream:
    """Change window, cap and priority; what is planned already obeys the new ones when it is sent."""
    _check_stream(window, daily_cap)
    stream.window, stream.daily_cap, stream.priority = dict(window or {}), daily_cap, priority
    with transaction.atomic():
        stream.save(update_fields=["window", "daily_cap", "priority", "updated_at"])
        record("stream.changed", subject=stream, actor=actor, data={"daily_cap": daily_cap, "priority": priority})
    return stream


def _check_stream(window: Mapping[str, Any] | None, daily_cap: int | None) -> None:
    parse_window(window)
    if daily_cap is not None and daily_cap < 1:
        raise Invalid("daily_cap", _("A cap of zero sends nothing. Leave it empty, or pause instead."), code="cap_zero")


def activate_stream(*, stream: Stream, actor: Actor, reason: str = "") -> None:
    """Let what is planned in `stream` leave, from now on."""
    with transaction.atomic():
        STREAM.move(stream, "active", actor=actor, reason=reason)
        for channel in (
            stream.messages.filter(state__in=("scheduled", "deferred")).values_list("channel", flat=True).distinct()
        ):
            wake(channel)


def pause_stream(*, stream: Stream, actor: Actor, reason: str = "") -> None:
    """Stop `stream` at once: not one message passes the gate after this commits."""
    STREAM.move(stream, "paused", actor=actor, reason=reason)


def close_stream(*, stream: Stream, actor: Actor, reason: str = "") -> int:
    """Close `stream` for good and cancel what is still planned in it; how many."""
    with transaction.atomic():
        STREAM.move(stream, "closed", actor=actor, reason=reason)
        return cancel_planned(actor=actor, reason=reason or _("The stream was closed."), stream=stream)


# planning


@transaction.atomic
def plan_message(
    *,
    conversation: Conversation,
    sender: Sender,
    channel: str,
    address: str,
    body: str,
    stream: Stream,
    scheduled_at: datetime,
    subject: str = "",
    body_html: str = "",
    language: str = "",
    interaction: Interaction | None = None,
    approved_by: User | None = None,
    approval_rule: str = "",
    follows: Message | None = None,
    priority: int = 0,
    is_stopped_by_reply: bool | None = None,
    attributes: Mapping[str, Any] | None = None,
    author: User | None = None,
    in_reply_to: str = "",
    files: Sequence[Enclosure] = (),
) -> Message:
    """Put one message into the outbox, to leave at `scheduled_at` or later through the gate.

    A follow-up (`follows`) leaves from the sender of the message that it follows, in its thread, as `Re: …`. Approved by
    a person or a rule, the row carries the hash of exactly this content; without an approval it never leaves. `files`
    are enclosed (e-mail only); an inline image is shown below the text.
    Raises `Invalid` for bad content or a bad address, `Refused` for a suppressed, erased or (sandbox) wrong recipient and
    for a closed stream.
    """
    if follows is not None and follows.channel == channel and follows.sender is not None:
        sender = follows.sender
        subject = planning.reply_subject(follows.subject, subject)
        in_reply_to = in_reply_to or follows.rfc_message_id
    lead = conversation.lead
    check_takes(sender=sender, lead=lead, is_follow_up=follows is not None or bool(in_reply_to))
    address = planning.check_recipient(
        channel=channel,
        address=address,
        sender=sender,
        stream=stream,
        lead=lead,
        is_confirmation=is_confirmation(rule=approval_rule, channel=channel, body=body),
    )
    body_html = body_html or planning.html_for(body, files)
    planning.check_content(channel=channel, subject=subject, body=body, body_html=body_html)
    enclosures = planning.checked_enclosures(channel, files)
    if scheduled_at.tzinfo is None:
        raise Invalid("scheduled_at", _("The time has no time zone."), code="naive_time")
    is_approved = approved_by is not None or bool(approval_rule)
    now = moment.now()
    message = Message.objects.create(
        conversation=conversation,
        lead=lead,
        stream=stream,
        sender=sender,
        channel=channel,
        address=address,
        address_digest=address_digest(address),
        subject=subject,
        body=body,
        body_html=body_html,
        enclosures=enclosures,
        language=language,
        attributes={**(attributes or {}), **planning.tracking_marks(channel, stream)},
        author=author,
        interaction=interaction,
        approved_hash=content_hash(
            channel=channel,
            sender_id=sender.pk,
            address=address,
            subject=subject,
            body=body,
            body_html=body_html,
            enclosures=enclosures,
        )
        if is_approved
        else "",
        approved_by=approved_by,
        approved_at=now if is_approved else None,
        approval_rule=approval_rule,
        follows=follows,
        rfc_message_id=planning.new_message_id(channel, sender.address),
        in_reply_to=in_reply_to,
        priority=priority,
        is_stopped_by_reply=stream.is_stopped_by_reply if is_stopped_by_reply is None else is_stopped_by_reply,
        scheduled_at=scheduled_at,
        planned_at=now,
    )
    MessageEvent.objects.create(
        message=message, kind="scheduled", occurred_at=now, data={"for": scheduled_at.isoformat()}
    )
    if is_approved and scheduled_at <= now and stream.state == "active":
        wake(channel)
    return message


@transaction.atomic
def approve(*, message: Message, user: User | None = None, rule: str = "") -> Message:
    """Approve a planned message as it stands now, by a person or a rule; a held one is scheduled again."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state not in ("scheduled", "deferred", "skipped"):
        raise Refused(
            _("A message that is “%(state)s” cannot be approved.") % {"state": MESSAGE.states[row.state].label}
        )
    row.approved_hash = content_hash(
        channel=row.channel,
        sender_id=row.sender_id,
        address=row.address,
        subject=row.subject,
        body=row.body,
        body_html=row.body_html,
        enclosures=row.enclosures,
    )
    row.approved_by, row.approval_rule, row.approved_at = user, rule, moment.now()
    if row.state == "skipped":
        row.state, row.refused_by, row.error, row.scheduled_at = "scheduled", "", "", row.approved_at
    row.save()
    record(
        "message.approved",
        subject=row,
        actor=Actor.of(user) if user else Actor.system(rule or "rule"),
        data={"hash": row.approved_hash},
    )
    wake(row.channel)
    return row


# cancelling


def cancel_planned(
    *,
    actor: Actor,
    reason: str,
    stream: Stream | None = None,
    lead: Lead | None = None,
    conversation: Conversation | None = None,
) -> int:
    """Cancel what has not left of a stream, a lead or a conversation (all that are given must match); how many."""
    chosen = Q()
    for name, value in (("stream", stream), ("lead", lead), ("conversation", conversation)):
        if value is not None:
            chosen &= Q(**{name: value})
    if not chosen:
        raise Invalid("stream", _("Say what to cancel: a stream, a lead or a conversation."), code="no_target")
    return cancel_where(chosen, actor=actor, reason=reason)


def cancel(*, message: Message, actor: Actor, reason: str = "") -> Message:
    """Cancel one message that has not left. Raises `Refused` when it has, or is on its way."""
    if not cancel_where(Q(pk=message.pk), actor=actor, reason=reason, states=MESSAGE.sources("cancelled")):
        raise Refused(
            _("It cannot be cancelled any more: it is “%(state)s”.")
            % {"state": MESSAGE.states[Message.objects.values_list("state", flat=True).get(pk=message.pk)].label},
            code="transition_not_allowed",
        )
    message.refresh_from_db()
    return message


@transaction.atomic
def cancel_where(
    chosen: Q, *, actor: Actor, reason: str, check: str = "", states: tuple[str, ...] = CANCELLABLE
) -> int:
    """Cancel the messages that `chosen` selects, in the caller's transaction; places in quotas are given back."""
    rows = list(
        Message.objects.select_for_update(of=("self",))
        .select_related("stream")
        .filter(chosen, direction=Message.Direction.OUT, state__in=states)
        .order_by("id")
    )
    if not rows:
        return 0
    now = moment.now()
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state="cancelled", claim_token=None, refused_by=check, error=reason, updated_at=now
    )
    for row in rows:
        if row.state == "claimed":
            give_back(row)
        record("message.cancelled", subject=row, actor=actor, reason=reason, data={"from": row.state})
        events.note(row, "cancelled", at=now, reason=reason, by=actor.name)
    return len(rows)


# problems


@transaction.atomic
def settle(*, message: Message, outcome: str, actor: Actor, reason: str) -> Message:
    """Decide by evidence what became of an `unknown` message: `sent`, or `not_sent`, which sends it again.

    Raises `Invalid` for another outcome or without a reason, `Refused` when it is not unknown (any more).
    """
    if outcome not in ("sent", "not_sent"):
        raise Invalid("outcome", _("The outcome is sent or not_sent."), code="wrong_choice")
    if not reason.strip():
        raise Invalid("reason", _("Say what shows it: it stays in the audit trail."), code="missing")
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state != "unknown":
        raise Refused(
            _("Only a message whose outcome is unknown can be settled; this one is “%(state)s”.")
            % {"state": MESSAGE.states[row.state].label},
            code="transition_not_allowed",
        )
    record(f"message.settled_{outcome}", subject=row, actor=actor, reason=reason, data={"from": "unknown"})
    if outcome == "sent":
        events.record_event(
            message=row, kind="sent", occurred_at=row.sending_at or moment.now(), data={"settled_by": actor.name}
        )
    else:
        _reschedule(row, actor=actor, reason=reason)
    message.refresh_from_db()
    return message


@transaction.atomic
def retry(*, message: Message, actor: Actor, reason: str = "") -> Message:
    """Send a failed, held or deferred message now (through the gate, like any other). Raises `Refused` otherwise."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state not in RETRYABLE:
        raise Refused(
            _("A message that is “%(state)s” cannot be tried again.") % {"state": MESSAGE.states[row.state].label},
            code="transition_not_allowed",
        )
    record("message.retried", subject=row, actor=actor, reason=reason, data={"from": row.state})
    _reschedule(row, actor=actor, reason=reason)
    message.refresh_from_db()
    return message


def _reschedule(row: Message, *, actor: Actor, reason: str) -> None:
    now = moment.now()
    Message.objects.filter(pk=row.pk).update(
        state="scheduled",
        scheduled_at=now,
        claim_token=None,
        attempts=0,
        refused_by="",
        error="",
        error_code="",
        provider_id="",
        sent_at=None,
        updated_at=now,
    )
    events.note(row, "scheduled", at=now, by=actor.name, reason=reason, earlier_provider_id=row.provider_id)
    wake(row.channel)


def actions(message: Message, role: str) -> list[tuple[str, str]]:
    """(action, label) pairs that a person with `role` has for this message, from the state table."""
    offered = {state for state, _state in MESSAGE.next_by_hand(message.state, role)}
    found: list[tuple[str, str]] = []
    if message.state == "unknown":
        found += [("settle_sent", _("It was sent"))] if "sent" in offered else []
        found += [("settle_not_sent", _("It was not sent: send it again"))] if "scheduled" in offered else []
    elif message.state in RETRYABLE and "scheduled" in offered:
        found.append(("retry", _("Send now") if message.state == "deferred" else _("Try again")))
    if "cancelled" in offered:
        found.append(("cancel", _("Cancel")))
    return found
