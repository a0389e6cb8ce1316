"""The use cases of messages that wait to leave: approve, cancel, settle, retry, hold."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from conversations.models import MESSAGE, Conversation, Message
from conversations.outbox import causes, events, moment, transitions
from conversations.outbox.causes import FILTERED
from conversations.outbox.content import approval_hash
from conversations.outbox.lanes import wake
from conversations.outbox.models import Stream
from conversations.outbox.states import move
from leads.models import Lead
from outreach.access.models import User
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _


@transaction.atomic
def approve(*, message: Message, user: User | None = None, rule: str = "") -> Message:
    """Approve a planned message as it is, by a person or a rule; a held one is scheduled again."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state not in (*MESSAGE.waiting, "skipped"):
        raise Refused(
            _("A message that is “%(state)s” cannot be approved.") % {"state": MESSAGE.states[row.state].label}
        )
    row.approved_hash = approval_hash(row)
    row.approved_by, row.approval_rule, row.approved_at = user, rule, moment.now()
    row.save(update_fields=["approved_hash", "approved_by", "approval_rule", "approved_at", "updated_at"])
    if row.is_skipped:
        mine = Message.objects.filter(pk=row.pk)
        move(mine, "scheduled", refused_by="", error="", scheduled_at=row.approved_at)
        row.refresh_from_db()
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
    """Cancel unsent messages of a stream, a lead or a conversation (all given must match); returns how many."""
    chosen = Q()
    for name, value in (("stream", stream), ("lead", lead), ("conversation", conversation)):
        if value is not None:
            chosen &= Q(**{name: value})
    if not chosen:
        raise Invalid("stream", _("Choose what to cancel: a stream, a lead or a conversation."), code="no_target")
    return cancel_where(chosen, actor=actor, reason=reason)


def cancel(*, message: Message, actor: Actor, reason: str = "") -> Message:
    """Cancel one message that has not left. Raises `Refused` when it has, or is on its way."""
    if not cancel_where(Q(pk=message.pk), actor=actor, reason=reason, states=MESSAGE.sources("cancelled")):
        raise Refused(
            _("It can no longer be cancelled: it is “%(state)s”.")
            % {"state": MESSAGE.states[Message.objects.values_list("state", flat=True).get(pk=message.pk)].label},
            code="transition_not_allowed",
        )
    message.refresh_from_db()
    return message


def cancel_where(
    chosen: Q, *, actor: Actor, reason: str, check: str = "", states: tuple[str, ...] = MESSAGE.may_still_leave
) -> int:
    """Cancel the messages that `chosen` selects, in the caller's transaction; places in quotas are given back."""
    return transitions.cancel(chosen, actor=actor, reason=reason, check=check, states=states)


# problems


@transaction.atomic
def settle(*, message: Message, outcome: str, actor: Actor, reason: str) -> Message:
    """Decide by evidence what became of an `unknown` message: `sent`, or `not_sent`, which sends it again.

    Raises `Invalid` for another outcome or without a reason, `Refused` when it is not unknown (any more).
    """
    if outcome not in ("sent", "not_sent"):
        raise Invalid("outcome", _("The outcome must be sent or not_sent."), code="wrong_choice")
    if not reason.strip():
        raise Invalid("reason", _("Add evidence. It is kept in the audit log."), code="missing")
    events.lock_conversation(message.conversation_id)
    row = Message.objects.select_for_update().get(pk=message.pk)
    if not row.is_unknown:
        raise Refused(
            _("Only messages with an unknown outcome can be settled; this one is “%(state)s”.")
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
        transitions.reschedule([row], actor=actor, reason=reason, is_paced=False)
        events.note(row, "settled", at=moment.now(), settled_by=actor.name, reason=reason, settles="unknown")
        wake(row.channel)
    message.refresh_from_db()
    return message


@transaction.atomic
def retry(*, message: Message, actor: Actor, reason: str = "") -> Message:
    """Send a failed, held or deferred message now (through the gate, like any other), and what was held because of it.

    Raises `Refused` in another state, and for a text that the carrier filtered.
    """
    rows = transitions.lock_chosen(Q(pk=message.pk), MESSAGE.retryable)
    if not rows:
        state = Message.objects.values_list("state", flat=True).get(pk=message.pk)
        raise Refused(
            _("A message that is “%(state)s” cannot be retried.") % {"state": MESSAGE.states[state].label},
            code="transition_not_allowed",
        )
    if rows[0].error_code == FILTERED:
        raise Refused(
            _("The carrier filtered this text, and the same text is never sent again. Cancel it and write a new one."),
            code="filtered_text",
        )
    transitions.reschedule(rows, actor=actor, reason=reason, is_paced=False)
    followers = transitions.lock_chosen(Q(follows=message, refused_by="predecessor_not_failed"), ("skipped",))
    if followers:
        transitions.reschedule(
            followers, actor=actor, reason=_("The previous message is being retried."), is_paced=False
        )
    wake(message.channel)
    message.refresh_from_db()
    return message


@transaction.atomic
def retry_where(chosen: Q, *, actor: Actor, reason: str = "") -> int:
    """Retry failed and held messages one at a time, paced per sender; returns how many.

    Texts that the carrier filtered stay where they are.
    """
    rows = transitions.lock_chosen(chosen & ~Q(error_code=FILTERED), MESSAGE.held)
    if not rows:
        return 0
    count = transitions.reschedule(rows, actor=actor, reason=reason, is_paced=True)
    for channel in sorted({row.channel for row in rows}):
        wake(channel)
    return count


def retry_cause(*, key: str, actor: Actor, reason: str = "") -> int:
    """Retry all messages of one cause of the poison queue, paced; returns how many.

    Raises `Invalid` for an unknown cause, `Refused` for one that trying again does not solve.
    """
    found = causes.chosen(key)
    state, check, code, *_rest = key.split(":")
    known = causes.advice(state, check or code)
    if not known.can_retry:
        raise Refused(str(known.change), code="retry_is_no_use")
    return retry_where(found, actor=actor, reason=reason or _("Retried after the change."))


def cancel_cause(*, key: str, actor: Actor, reason: str = "") -> int:
    """Cancel all messages of one cause of the poison queue; returns how many. Raises `Invalid` for an unknown cause."""
    return cancel_where(
        causes.chosen(key),
        actor=actor,
        reason=reason or _("Cancelled in the poison queue."),
        states=MESSAGE.held,
    )


@transaction.atomic
def try_again(*, message: Message, wait: timedelta, actor: Actor, reason: str) -> bool:
    """Plan a message that failed on its way once more, after `wait`; False when it is not failed (any more)."""
    rows = transitions.lock_chosen(Q(pk=message.pk), ("failed",))
    if not rows:
        return False
    transitions.reschedule(rows, actor=actor, reason=reason, is_paced=False)
    Message.objects.filter(pk=message.pk).update(scheduled_at=moment.now() + wait)
    message.refresh_from_db()
    return True


@transaction.atomic
def hold_text(*, message: Message, actor: Actor, reason: str) -> int:
    """Hold every planned text message of the same sender with the same words as `message`; how many."""
    same = Q(sender_id=message.sender_id, channel=message.channel, body=message.body)
    rows = transitions.lock_chosen(same, MESSAGE.waiting)
    now = moment.now()
    move(
        Message.objects.filter(pk__in=[row.pk for row in rows]),
        "skipped",
        refused_by="filtered_text",
        error_code=FILTERED,
        error=reason,
        updated_at=now,
    )
    events.note_all(rows, "skipped", at=now, data=lambda row: {"check": "filtered_text", "by": actor.name})
    return len(rows)


def actions(message: Message, role: str) -> list[tuple[str, str]]:
    """(action, label) pairs that a person with `role` has for this message, from the state table."""
    offered = {state for state, _state in MESSAGE.next_by_hand(message.state, role)}
    found: list[tuple[str, str]] = []
    if message.is_unknown:
        found += [("look", _("Check with the carrier now"))] if "scheduled" in offered else []
        found += [("settle_sent", _("Mark as sent"))] if "sent" in offered else []
        found += [("settle_not_sent", _("Not sent: send again"))] if "scheduled" in offered else []
    elif message.is_skipped and message.refused_by == "approved" and "scheduled" in offered:
        found.append(("approve", _("Approve as is")))
    elif message.error_code == FILTERED:
        pass
    elif message.state in MESSAGE.retryable and "scheduled" in offered:
        found.append(("retry", _("Send now") if message.is_deferred else _("Try again")))
    if "cancelled" in offered:
        found.append(("cancel", _("Cancel")))
    return found
