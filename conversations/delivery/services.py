"""The use cases of delivery: streams, planning, cancelling, settling, retrying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from conversations.consent import confirmations
from conversations.consent.confirmations import is_confirmation
from conversations.delivery import batches, events, first_text, moment, planning
from conversations.delivery.content import content_hash
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
    "retry_where",
    "send_due",
    "set_tracking",
    "settle",
    "update_stream",
    "wake",
]

CANCELLABLE = ("scheduled", "deferred", "claimed", "skipped")
"""States that a message certainly has not left in, and that may still leave."""
RETRYABLE = ("failed", "skipped", "deferred")
FILTERED = "30007"
"""Twilio: the carrier filtered the text."""
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
    skips_holidays: bool = False,
) -> Stream:
    """A paused stream. Raises `Invalid` for a window that is none or never opens and for a cap of zero."""
    _check_stream(window, daily_cap)
    return Stream.objects.create(
        name=name,
        window=dict(window or {}),
        daily_cap=daily_cap,
        priority=priority,
        is_stopped_by_reply=is_stopped_by_reply,
        skips_holidays=skips_holidays,
    )


def update_stream(
    *,
    stream: Stream,
    actor: Actor,
    window: Mapping[str, Any] | None = None,
    daily_cap: int | None = None,
    priority: int = 0,
    skips_holidays: bool | None = None,
) -> Stream:
    """Change window, cap, priority and whether public holidays count; what is planned already obeys the new ones when it is sent."""
    _check_stream(window, daily_cap)
    stream.window, stream.daily_cap, stream.priority = dict(window or {}), daily_cap, priority
    stream.skips_holidays = stream.skips_holidays if skips_holidays is None else skips_holidays
    with transaction.atomic():
        stream.save(update_fields=["window", "daily_cap", "priority", "skips_holidays", "updated_at"])
        record("stream.changed", subject=stream, actor=actor, data={"daily_cap": daily_cap, "priority": priority})
    return stream


def set_holidays(*, stream: Stream, skips_holidays: bool, actor: Actor) -> Stream:
    """Whether `stream` sends nothing on public holidays of the recipient; what is planned obeys at the gate."""
    stream.skips_holidays = skips_holidays
    with transaction.atomic():
        stream.save(update_fields=["skips_holidays", "updated_at"])
        record("stream.changed", subject=stream, actor=actor, data={"skips_holidays": skips_holidays})
    return stream


def set_tracking(*, stream: Stream, tracks_opens: bool, tracks_clicks: bool, actor: Actor) -> None:
    """Whether opens and clicks are counted, from the next planned message on; switching off holds for planned ones too."""
    with transaction.atomic():
        stream.tracks_opens, stream.tracks_clicks = tracks_opens, tracks_clicks
        stream.save(update_fields=["tracks_opens", "tracks_clicks", "updated_at"])
        record("stream.tracking", subject=stream, actor=actor, data={"opens": tracks_opens, "clicks": tracks_clicks})


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
    a person or a rule, the row carries the hash of exactly this content; without an approval it never leaves. Its time is
    the first opening of its hours from `scheduled_at` on. A first text message is completed as the policy says. `files`
    are enclosed (e-mail and SMS); an inline image is shown below the text.
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
    if channel != Channel.EMAIL:  # nothing to show an image in
        files = [Enclosure(file.content_hash, file.name) for file in files]
    body_html = body_html or planning.html_for(body, files)
    if channel == Channel.SMS and not confirmations.is_service(attributes):
        body = first_text.complete(conversation=conversation, sender=sender, body=body, language=language)
    planning.check_content(channel=channel, subject=subject, body=body, body_html=body_html)
    enclosures = planning.checked_enclosures(channel, files, sender)
    if scheduled_at.tzinfo is None:
        raise Invalid("scheduled_at", _("The time has no time zone."), code="naive_time")
    is_approved = approved_by is not None or bool(approval_rule)
    now = moment.now()
    message = Message(
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
    planning.set_time(message, now)
    message.save(force_insert=True)
    MessageEvent.objects.create(
        message=message, kind="scheduled", occurred_at=now, data={"for": scheduled_at.isoformat()}
    )
    if is_approved and message.scheduled_at and message.scheduled_at <= now and stream.state == "active":
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


def cancel_where(
    chosen: Q, *, actor: Actor, reason: str, check: str = "", states: tuple[str, ...] = CANCELLABLE
) -> int:
    """Cancel the messages that `chosen` selects, in the caller's transaction; places in quotas are given back."""
    return batches.cancel(chosen, actor=actor, reason=reason, check=check, states=states)


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
    events.lock_conversation(message.conversation_id)
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
            message=row,
            kind="sent",
            occurred_at=row.sending_at or moment.now(),
            data={"settled_by": actor.name, "reason": reason},
        )
    else:
        batches.reschedule([row], actor=actor, reason=reason, is_paced=False)
        events.note(row, "settled", at=moment.now(), settled_by=actor.name, reason=reason, settles="unknown")
        wake(row.channel)
    message.refresh_from_db()
    return message


@transaction.atomic
def retry(*, message: Message, actor: Actor, reason: str = "") -> Message:
    """Send a failed, held or deferred message now (through the gate, like any other), and what was held because of it.

    Raises `Refused` in another state, and for a text that the carrier filtered.
    """
    rows = batches.lock_chosen(Q(pk=message.pk), RETRYABLE)
    if not rows:
        state = Message.objects.values_list("state", flat=True).get(pk=message.pk)
        raise Refused(
            _("A message that is “%(state)s” cannot be tried again.") % {"state": MESSAGE.states[state].label},
            code="transition_not_allowed",
        )
    if rows[0].error_code == FILTERED:
        raise Refused(
            _(
                "The carrier filtered this text, and the same text is never sent again. Cancel it and write another one."
            ),
            code="filtered_text",
        )
    batches.reschedule(rows, actor=actor, reason=reason, is_paced=False)
    followers = batches.lock_chosen(Q(follows=message, refused_by="predecessor_not_failed"), ("skipped",))
    if followers:
        batches.reschedule(
            followers, actor=actor, reason=_("The message that it follows is tried again."), is_paced=False
        )
    wake(message.channel)
    message.refresh_from_db()
    return message


@transaction.atomic
def retry_where(chosen: Q, *, actor: Actor, reason: str = "") -> int:
    """Let failed and held messages go again, one after the other at a pace for each sender; how many.

    Texts that the carrier filtered stay where they are.
    """
    rows = batches.lock_chosen(chosen & ~Q(error_code=FILTERED), ("failed", "skipped"))
    if not rows:
        return 0
    count = batches.reschedule(rows, actor=actor, reason=reason, is_paced=True)
    for channel in sorted({row.channel for row in rows}):
        wake(channel)
    return count


def retry_cause(*, key: str, actor: Actor, reason: str = "") -> int:
    """Let all messages of one cause of the poison queue go again, paced; how many.

    Raises `Invalid` for an unknown cause, `Refused` for one that trying again does not mend.
    """
    from conversations.delivery import causes

    found = causes.chosen(key)
    state, check, code, *_rest = key.split(":")
    known = causes.advice(state, check or code)
    if not known.can_retry:
        raise Refused(str(known.change), code="retry_is_no_use")
    return retry_where(found, actor=actor, reason=reason or _("Retried after the change."))


def cancel_cause(*, key: str, actor: Actor, reason: str = "") -> int:
    """Cancel all messages of one cause of the poison queue; how many. Raises `Invalid` for an unknown cause."""
    from conversations.delivery import causes

    return cancel_where(
        causes.chosen(key),
        actor=actor,
        reason=reason or _("Cancelled in the poison queue."),
        states=("failed", "skipped"),
    )


@transaction.atomic
def try_again(*, message: Message, wait: timedelta, actor: Actor, reason: str) -> bool:
    """Plan a message that failed on its way once more, after `wait`; False when it is not failed (any more)."""
    rows = batches.lock_chosen(Q(pk=message.pk), ("failed",))
    if not rows:
        return False
    batches.reschedule(rows, actor=actor, reason=reason, is_paced=False)
    Message.objects.filter(pk=message.pk).update(scheduled_at=moment.now() + wait)
    message.refresh_from_db()
    return True


@transaction.atomic
def hold_text(*, message: Message, actor: Actor, reason: str) -> int:
    """Hold every planned text message of the same sender with the same words as `message`; how many."""
    same = Q(sender_id=message.sender_id, channel=message.channel, body=message.body)
    rows = batches.lock_chosen(same, ("scheduled", "deferred"))
    now = moment.now()
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(
        state="skipped", refused_by="filtered_text", error_code=FILTERED, error=reason, updated_at=now
    )
    events.note_all(rows, "skipped", at=now, data=lambda row: {"check": "filtered_text", "by": actor.name})
    return len(rows)


def actions(message: Message, role: str) -> list[tuple[str, str]]:
    """(action, label) pairs that a person with `role` has for this message, from the state table."""
    offered = {state for state, _state in MESSAGE.next_by_hand(message.state, role)}
    found: list[tuple[str, str]] = []
    if message.state == "unknown":
        found += [("look", _("Look at the carrier now"))] if "scheduled" in offered else []
        found += [("settle_sent", _("It was sent"))] if "sent" in offered else []
        found += [("settle_not_sent", _("It was not sent: send it again"))] if "scheduled" in offered else []
    elif message.state == "skipped" and message.refused_by == "approved" and "scheduled" in offered:
        found.append(("approve", _("Approve as it stands")))
    elif message.error_code == FILTERED:
        pass
    elif message.state in RETRYABLE and "scheduled" in offered:
        found.append(("retry", _("Send now") if message.state == "deferred" else _("Try again")))
    if "cancelled" in offered:
        found.append(("cancel", _("Cancel")))
    return found
