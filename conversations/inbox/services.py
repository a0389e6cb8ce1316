"""Actions on a conversation: take over, return, assign, snooze, close, mark, note, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from conversations.consent import holds
from conversations.consent.models import Suppression
from conversations.consent.services import Target, suppress
from conversations.inbox.mentions import mention
from conversations.inbox.models import Preference
from conversations.inbox.selectors import newest_id
from conversations.models import CONVERSATION, MESSAGE, Conversation, Message
from conversations.outbox.lanes import wake as wake_lane
from conversations.outbox.services import cancel, cancel_where
from conversations.planning.replying import UNDO, Answer, forward, marks_of, reply_now
from conversations.replies import composing, consequences, listing, remembering
from conversations.replies import services as replies
from conversations.replies.models import Presence, Suggestion
from leads.models import Channel
from leads.services import tag_leads
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.jobs.services import enqueue

MAX_SNOOZE = timedelta(days=400)


def _locked(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).select_related("lead").get(pk=conversation.pk)


def _change(row: Conversation, action: str, *, user: User, reason: str = "", **columns: object) -> Conversation:
    Conversation.objects.filter(pk=row.pk).update(**columns, updated_at=clock.now())
    record(f"conversation.{action}", subject=row, actor=Actor.of(user), reason=reason)
    publish("conversation.changed", conversation_id=row.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def take_over(*, conversation: Conversation, user: User) -> Conversation:
    """A person takes over; in this transaction the AI stops proposing and planning.

    Raises `Refused` when somebody else has it.
    """
    row = _locked(conversation)
    if row.handler == Conversation.Handler.PERSON and row.assigned_to_id not in (None, user.pk):
        raise Refused(_("Assigned to %(name)s.") % {"name": row.assigned_to}, code="changed_meanwhile")
    consequences.supersede_suggestions(row, actor=Actor.of(user), reason=_("Taken over by a person."))
    cancel_where(
        Q(conversation=row, is_stopped_by_reply=True),
        actor=Actor.of(user),
        reason=_("A person took over the conversation."),
    )
    return _change(row, "taken_over", user=user, handler=Conversation.Handler.PERSON, assigned_to=user)


@transaction.atomic
def release(*, conversation: Conversation, user: User) -> Conversation:
    """Give it back to the AI, which drafts again when something waits."""
    row = _change(_locked(conversation), "released", user=user, handler=Conversation.Handler.AI, assigned_to=None)
    if row.waiting_since:
        enqueue("conversations.replies.tasks.suggest", row.pk, lane="llm", key=f"suggest:{row.pk}")
    return row


@transaction.atomic
def assign(*, conversation: Conversation, to: User | None, user: User) -> Conversation:
    """Assign it to someone. Raises `Invalid` for a person who may not answer."""
    if to is not None and not to.has_role(Role.REVIEWER):
        raise Invalid("to", _("%(name)s is not allowed to answer.") % {"name": to}, code="wrong_role")
    return _change(_locked(conversation), "assigned", user=user, reason=to.get_username() if to else "", assigned_to=to)


@transaction.atomic
def snooze(*, conversation: Conversation, until: datetime, user: User, reason: str = "") -> Conversation:
    """Out of the queue until then, planned follow-ups too. Raises `Invalid` for the past and for more than 400 days."""
    now = clock.now()
    if not now < until <= now + MAX_SNOOZE:
        raise Invalid("until", _("Choose a time within the next 400 days."), code="out_of_range")
    row = _change(
        _locked(conversation),
        "snoozed",
        user=user,
        reason=until.date().isoformat(),
        snoozed_until=until,
        snooze_reason=reason[:200],
    )
    consequences.defer_planned(row, until=until)
    return row


@transaction.atomic
def wake(*, conversation: Conversation, user: User) -> Conversation:
    """End the snooze now."""
    return _change(_locked(conversation), "woken", user=user, snoozed_until=None, snooze_reason="")


@transaction.atomic
def nothing_owed(*, conversation: Conversation, user: User) -> Conversation:
    """Mark it as needing no answer."""
    row = _locked(conversation)
    consequences.supersede_suggestions(row, actor=Actor.of(user), reason=_("No answer is needed."))
    return _change(row, "no_answer_needed", user=user, waiting_since=None)


@transaction.atomic
def move(*, conversation: Conversation, to: str, user: User, booked_for: datetime | None = None) -> Conversation:
    """Set its state manually, as the state machine and the role allow: booked, closed, engaged, opted out.

    `booked_for` is when a booked call takes place. Opting out suppresses the person everywhere; booked is told to the campaigns; both cancel what is planned.
    """
    row = _locked(conversation)
    role = Role.ADMINISTRATOR if user.is_superuser else user.role
    if to not in dict(CONVERSATION.next_by_hand(row.state, role)):
        raise Refused(_("That isn't possible in the current state."), code="transition_not_allowed")
    actor = Actor.of(user)
    if to == "opted_out":
        _opt_out(row, actor=actor)
        row.refresh_from_db()
    if row.state != to:
        CONVERSATION.move(row, to, actor=actor)
    if to in CONVERSATION.settled:
        cancel_where(
            Q(conversation=row, is_stopped_by_reply=True),
            actor=actor,
            reason=_("The conversation is “%(state)s”.") % {"state": CONVERSATION.states[to].label},
        )
        consequences.supersede_suggestions(row, actor=actor, reason=str(CONVERSATION.states[to].label))
        Conversation.objects.filter(pk=row.pk).update(
            waiting_since=None, snoozed_until=None, snooze_reason="", updated_at=clock.now()
        )
    if to == "booked":
        Conversation.objects.filter(pk=row.pk).update(booked_for=booked_for)
        at = {"starts_at": booked_for.isoformat()} if booked_for else {}
        publish("conversation.booked", conversation_id=row.pk, lead_id=row.lead_id, **at)
    publish("conversation.changed", conversation_id=row.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def opt_out_held(*, conversation: Conversation, user: User) -> Conversation:
    """What was suspected is an opt-out: suppressed everywhere. Raises `Refused` when somebody decided already."""
    row = _locked(conversation)
    holds.opt_out(conversation=row, actor=Actor.of(user))
    row.refresh_from_db()
    consequences.supersede_suggestions(row, actor=Actor.of(user), reason=str(CONVERSATION.states["opted_out"].label))
    return _change(row, "opted_out", user=user, waiting_since=None, snoozed_until=None, snooze_reason="")


@transaction.atomic
def keep_writing(*, conversation: Conversation, user: User) -> Conversation:
    """What was suspected is no opt-out: held messages go on. Raises `Refused` when somebody decided already."""
    row = _locked(conversation)
    holds.keep_writing(conversation=row, actor=Actor.of(user))
    return _change(row, "kept_writing", user=user)


def _opt_out(row: Conversation, *, actor: Actor) -> None:
    last = row.messages.exclude(address="").order_by("-id").first()
    address = "" if row.lead_id else (last.address if last else row.contact)
    suppress(
        Target(lead=row.lead, address=address),
        reason=Suppression.Reason.OPT_OUT,
        actor=actor,
        evidence=_("Set by %(name)s") % {"name": actor.name},
    )


@transaction.atomic
def add_note(*, conversation: Conversation, text: str, user: User) -> Message:
    """A note for colleagues, in the timeline, never sent. Whom it names (`@ann`) finds it under *Mentions me*."""
    if not text.strip():
        raise Invalid("text", _("Enter a note."), code="empty")
    row = _locked(conversation)
    last = row.messages.order_by("-id").first()
    note = Message.objects.create(
        conversation=row,
        lead=row.lead,
        direction=Message.Direction.NOTE,
        channel=last.channel if last else Channel.EMAIL,
        state=MESSAGE.RECEIVED,
        body=text.strip()[:10_000],
        author=user,
        received_at=clock.now(),
    )
    mention(note)
    Conversation.objects.filter(pk=row.pk).update(updated_at=clock.now())
    listing.refresh([row.pk])
    return note


def set_tags(*, conversation: Conversation, tags: Sequence[str], user: User) -> None:
    """The tags of the person, as on their page. Raises `Refused` for somebody who is not a lead."""
    lead = conversation.lead
    if lead is None:
        raise Refused(_("Only people who are leads have tags."), code="not_a_lead")
    add = [tag for tag in tags if tag not in lead.tags]
    remove = [tag for tag in lead.tags if tag not in tags]
    tag_leads(lead_ids=[lead.pk], actor=Actor.of(user), add=add, remove=remove)
    listing.refresh([conversation.pk])


@transaction.atomic
def reply(
    *,
    conversation: Conversation,
    user: User,
    answer: Answer,
    seen: int | None = None,
    suggestion: Suggestion | None = None,
) -> Message:
    """Send a person's answer. `seen` is the newest message they have seen.

    `suggestion` is the proposed answer that they approved, perhaps with changes. The same key again gives the message
    that it made. Raises `Refused` with code `changed_meanwhile` when there is something newer, so that two people do
    not answer twice; without `seen` nothing is compared.
    """
    row = _locked(conversation)
    key = answer.key[:100]
    if key and (made := row.messages.filter(author=user, attributes__key=key).first()):
        return made
    _check(answer)
    if seen is not None:
        _check_seen(row, seen)
    channel = answer.channel or _last_channel(row)
    message = reply_now(
        conversation=row,
        author=user,
        answer=replace(
            answer,
            body=answer.body.strip(),
            subject=answer.subject.strip() or composing.subject_for(row, channel),
            interaction=suggestion.interaction if suggestion else None,
            marks=marks_of(row, key),
        ),
    )
    if suggestion is not None:
        replies.note_use(suggestion=suggestion, user=user, message=message)
    consequences.supersede_suggestions(row, actor=Actor.of(user), reason=_("A person answered."))
    replies.answered(row)
    Conversation.objects.filter(pk=row.pk, assigned_to=None).update(assigned_to=user)
    listing.refresh([row.pk])
    return message


@transaction.atomic
def pass_on(*, message: Message, user: User, to: str, text: str = "", key: str = "") -> Message:
    """Forward a message to somebody else, after the same seconds to undo it. The same key again: the same message."""
    row = _locked(message.conversation)
    if key and (made := row.messages.filter(author=user, attributes__key=key[:100]).first()):
        return made
    made = forward(message=message, author=user, to=to, text=text, key=key[:100], send_at=clock.now() + UNDO)
    listing.refresh([row.pk])
    return made


def _check(answer: Answer) -> None:
    if not answer.body.strip():
        raise Invalid("body", _("Enter an answer."), code="empty")
    now = clock.now()
    if answer.send_at is not None and not now <= answer.send_at <= now + MAX_SNOOZE:
        raise Invalid("send_at", _("Choose a time within the next 400 days."), code="out_of_range")
    if answer.channel and answer.channel not in Channel.values:
        raise Invalid("channel", _("Unknown channel."), code="wrong_choice")


def _check_seen(row: Conversation, seen: int) -> None:
    """Two people do not answer at once without knowing of each other."""
    newest = newest_id(row)
    if newest <= seen:
        return
    newer = row.messages.get(pk=newest)
    who = newer.author or _("someone") if newer.direction == Message.Direction.OUT else _("the recipient")
    raise Refused(
        _("In the meantime %(who)s wrote: “%(text)s”. Your text is still here. Send it again if it still makes sense.")
        % {"who": who, "text": newer.body[:200]},
        code="changed_meanwhile",
    )


def _last_channel(row: Conversation) -> str:
    last = row.messages.exclude(direction=Message.Direction.NOTE).order_by("direction", "-id").first()
    return last.channel if last else ""


def see(*, conversation: Conversation, user: User, is_writing: bool = False) -> None:
    """Record that `user` is viewing the conversation, or writing in it; whoever else has it open is told."""
    now = clock.now()
    before = Presence.objects.filter(conversation=conversation, user=user).first()
    changes: dict[str, object] = {"seen_at": now}
    if is_writing:
        changes["wrote_at"] = now
    Presence.objects.update_or_create(conversation=conversation, user=user, defaults=changes)
    listing.mark_seen(conversation.pk, user_id=user.pk, at=now)
    is_new = before is None or not before.is_here(now) or (is_writing and not before.is_writing(now))
    others = Presence.objects.filter(conversation=conversation, seen_at__gt=now - Presence.HERE).exclude(user=user)
    if is_new and others.exists():
        publish("conversation.changed", conversation_id=conversation.pk)


def done_writing(*, conversation: Conversation, user: User) -> None:
    """The text was sent or thrown away."""
    Presence.objects.filter(conversation=conversation, user=user).update(wrote_at=None)


@transaction.atomic
def take_back(*, message: Message, user: User) -> Message:
    """Cancel an answer by hand that has not left; whoever waited for it waits again. Raises `Refused` when it has left."""
    row = _locked(message.conversation)
    taken = cancel(message=message, actor=Actor.of(user), reason=_("Taken back by %(name)s.") % {"name": user})
    if since := taken.attributes.get("waited_since"):
        Conversation.objects.filter(pk=row.pk, waiting_since=None).update(waiting_since=datetime.fromisoformat(since))
        remembering.reopen(row)
    listing.refresh([row.pk])
    return taken


@transaction.atomic
def send_now(*, message: Message, user: User) -> Message:
    """Send an answer by hand that was to leave later. Raises `Refused` when it is on its way already."""
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.author_id is None or not row.is_waiting:
        raise Refused(_("It is on its way already."), code="transition_not_allowed")
    row.scheduled_at = clock.now()
    row.save(update_fields=["scheduled_at", "updated_at"])
    record("message.sent_early", subject=row, actor=Actor.of(user))
    wake_lane(row.channel)
    return row


def mark_unread(*, conversation: Conversation, user: User) -> None:
    """Show it to `user` as if they had not looked."""
    Presence.objects.filter(conversation=conversation, user=user).delete()
    listing.mark_unseen(conversation.pk, user_id=user.pk)


def set_preference(*, user: User, opens_next: bool) -> None:
    """Keep what `user` wants the inbox to do after an answer."""
    Preference.objects.update_or_create(user=user, defaults={"opens_next": opens_next})
