"""Conversations, messages and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.states import AUTOMATIC_KINDS as AUTOMATIC_KINDS
from conversations.states import CONVERSATION as CONVERSATION
from conversations.states import MESSAGE as MESSAGE
from conversations.states import RANK as RANK
from conversations.states import TEST_RULE as TEST_RULE
from leads.models import Channel
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of

_WAITING = models.Q(state__in=list(MESSAGE.waiting)) & ~models.Q(approved_hash="")


class MessageQuerySet(models.QuerySet["Message"]):
    """Named sets of messages."""

    def outgoing(self) -> MessageQuerySet:
        return self.filter(direction=Message.Direction.OUT)

    def received(self) -> MessageQuerySet:
        return self.filter(direction=Message.Direction.IN)

    def waiting(self) -> MessageQuerySet:
        """Planned and not claimed."""
        return self.outgoing().filter(state__in=MESSAGE.waiting)

    def due(self, now: datetime) -> MessageQuerySet:
        """Approved, and its time has come."""
        return self.waiting().filter(scheduled_at__lte=now).exclude(approved_hash="")

    def in_flight(self) -> MessageQuerySet:
        return self.outgoing().filter(state__in=MESSAGE.in_flight)

    def left(self) -> MessageQuerySet:
        return self.outgoing().filter(state__in=MESSAGE.left)

    def seen(self) -> MessageQuerySet:
        """What both sides have, and notes: not what is only planned or was cancelled."""
        return self.exclude(direction=Message.Direction.OUT, state__in=MESSAGE.not_left)

    def cancelled(self) -> MessageQuerySet:
        return self.filter(state=MESSAGE.CANCELLED)

    def problems(self) -> MessageQuerySet:
        """What waits for a person."""
        return self.outgoing().filter(state__in=MESSAGE.problems)


class ConversationHandler(models.TextChoices):
    NOBODY = "nobody", _("Nobody")
    AI = "ai", _("AI drafts")
    PERSON = "person", _("Person")


ANSWERED = models.Q(last_inbound_at__isnull=False)
"""The person wrote to us."""


def is_awake(now: datetime) -> models.Q:
    """Not snoozed."""
    return models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=now)


def is_waiting(now: datetime) -> models.Q:
    """It needs an answer from us: never somebody who opted out, nor what is closed or snoozed."""
    return is_awake(now) & models.Q(waiting_since__isnull=False, state__in=CONVERSATION.answerable)


def is_on_their_side(now: datetime) -> models.Q:
    """We wrote last and wait for the person."""
    ours = models.Q(waiting_since=None, last_outbound_at__isnull=False, state__in=CONVERSATION.undecided)
    return is_awake(now) & ours & ANSWERED


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Named sets of conversations."""

    def answered(self) -> ConversationQuerySet:
        return self.filter(ANSWERED)

    def waiting(self, now: datetime) -> ConversationQuerySet:
        return self.filter(is_waiting(now))

    def on_their_side(self, now: datetime) -> ConversationQuerySet:
        return self.filter(is_on_their_side(now))


class Conversation(Dated):
    """All messages with one lead, on all channels. `waiting_since` is set while we owe an answer.

    Erasure: messages are blanked, the row and its states stay (`conversations.erasing`).
    """

    Handler: TypeAlias = ConversationHandler

    lead = models.OneToOneField(
        "leads.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="conversation"
    )
    contact = models.TextField(blank=True, help_text="Address of a person who is not a lead")
    state = models.TextField(choices=CONVERSATION.choices, default=CONVERSATION.initial)
    handler = models.TextField(choices=Handler.choices, default=Handler.NOBODY)
    assigned_to = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    booking_url = models.TextField(blank=True)
    goal = models.TextField(blank=True)
    booked_for = models.DateTimeField(null=True, blank=True, help_text="When the booked call takes place, if known")
    waiting_since = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = SentenceField(blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    last_outbound_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [CONVERSATION.constraint(), one_of("handler", ConversationHandler.choices)]
        indexes = [
            models.Index(
                fields=["waiting_since", "id"],
                condition=models.Q(waiting_since__isnull=False),
                name="conversation_waiting",
            ),
            models.Index(fields=["-updated_at", "-id"], name="conversation_recent"),
            models.Index(
                fields=["-last_inbound_at", "-id"],
                condition=models.Q(last_inbound_at__isnull=False),
                name="conversation_answered",
            ),
            models.Index(fields=["state", "-last_inbound_at", "-id"], name="conversation_state"),
            models.Index(
                fields=["snoozed_until", "id"],
                condition=models.Q(snoozed_until__isnull=False),
                name="conversation_snoozed",
            ),
            models.Index(fields=["contact"], condition=~models.Q(contact=""), name="conversation_contact"),
        ]

    def __str__(self) -> str:
        return str(self.lead) if self.lead_id else self.contact

    has_opted_out = CONVERSATION.predicate("opted_out")
    is_booked = CONVERSATION.predicate("booked")
    is_closed = CONVERSATION.predicate("closed")


class MessageDirection(models.TextChoices):
    OUT = "out", _("Sent by us")
    IN = "in", _("Received")
    NOTE = "note", _("Note")


class Message(Dated):
    """One message, out or in. An outgoing row is planned, approved, claimed, gated and sent, and then kept as evidence.

    `approved_hash` is the content hash that somebody approved; the gate recomputes it from the columns.
    A row is written thrice on its way out, and each time once for every index that holds it: no index stands here twice,
    those of a column that is mostly empty hold what is not.
    Erasure: subject, bodies, files and address are blanked, `address_digest` stays.
    """

    Direction: TypeAlias = MessageDirection

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages", db_index=False)
    lead = models.ForeignKey("leads.Lead", null=True, blank=True, on_delete=models.PROTECT, related_name="messages")
    stream = models.ForeignKey(
        "outbox.Stream", null=True, blank=True, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    sender = models.ForeignKey(
        "senders.Sender", null=True, blank=True, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    direction = models.TextField(choices=Direction.choices, default=Direction.OUT)
    channel = models.TextField(choices=Channel.choices)
    state = models.TextField(choices=MESSAGE.choices, default=MESSAGE.initial)
    address = models.TextField(blank=True, db_collation="C", help_text="The other party's address, normalised")
    address_digest = models.TextField(blank=True, db_collation="C")
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    enclosures = models.TextField(
        blank=True, db_default="", default="", help_text="Files by content hash: conversations.files.enclosures"
    )
    copies = models.TextField(
        blank=True, db_default="", default="", help_text="Who else gets it: conversations.outbox.copies"
    )
    language = models.TextField(blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # who approved it, and why
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", db_index=False
    )
    approved_hash = models.TextField(blank=True)
    approved_by = models.ForeignKey(
        "access.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_rule = models.TextField(blank=True, help_text="The rule that approved instead of a person")
    # threading
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followers", db_index=False
    )
    rfc_message_id = models.TextField(blank=True, db_collation="C", help_text="Message-ID without angle brackets")
    in_reply_to = models.TextField(blank=True)
    provider_id = models.TextField(blank=True, db_collation="C", help_text="For example Twilio's MessageSid")
    # plan and claim
    priority = models.SmallIntegerField(default=0)
    is_stopped_by_reply = models.BooleanField(default=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True, help_text="When it was planned; later replies stop it")
    claim_token = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When its place in the quota was reserved")
    sending_at = models.DateTimeField(null=True, blank=True, help_text="When it last passed the gate")
    attempts = models.PositiveSmallIntegerField(default=0)
    timing = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="Decision about its hours: zones, rules, opening, time of decision",
    )
    refused_by = models.TextField(blank=True, help_text="The check that refused it")
    error_code = models.TextField(blank=True)
    error = SentenceField(blank=True)
    # what came of it
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            MESSAGE.constraint(),
            one_of("direction", MessageDirection.choices),
            one_of("channel", Channel.choices),
            models.UniqueConstraint(
                fields=["rfc_message_id"],
                condition=models.Q(direction="out") & ~models.Q(rfc_message_id=""),
                name="message_rfc_id_once",
            ),
            models.UniqueConstraint(
                fields=["direction", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="message_provider_id_once",
            ),
        ]
        indexes = [
            models.Index(fields=["sender", "scheduled_at"], condition=_WAITING, name="message_due"),
            models.Index(
                fields=["sender", "stream", "priority", "scheduled_at", "id"], condition=_WAITING, name="message_lane"
            ),
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(state__in=list(MESSAGE.in_flight)),
                name="message_in_flight",
            ),
            models.Index(
                fields=["-id"],
                condition=models.Q(direction="out", state__in=list(MESSAGE.problems)),
                name="message_problem",
            ),
            models.Index(fields=["sender", "sent_at"], name="message_sender"),
            models.Index(fields=["stream", "state"], name="message_stream_state"),
            models.Index(
                fields=["stream", "scheduled_at", "id"],
                condition=models.Q(state__in=list(MESSAGE.upcoming)),
                name="message_stream_next",
            ),
            models.Index(fields=["address_digest", "-id"], name="message_address"),
            models.Index(fields=["conversation", "id"], name="message_conversation"),
            models.Index(fields=["rfc_message_id"], name="message_rfc_id"),
            models.Index(fields=["id"], condition=~models.Q(copies=""), name="message_copies"),
            *(
                models.Index(fields=[name], condition=models.Q((f"{name}__isnull", False)), name=f"message_{name}")
                for name in ("author", "approved_by", "interaction", "follows")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"

    is_cancelled = MESSAGE.predicate("cancelled")
    is_claimed = MESSAGE.predicate("claimed")
    is_sending = MESSAGE.predicate("sending")
    is_deferred = MESSAGE.predicate("deferred")
    is_unknown = MESSAGE.predicate("unknown")
    is_failed = MESSAGE.predicate("failed")
    is_bounced = MESSAGE.predicate("bounced")
    is_skipped = MESSAGE.predicate("skipped")
    is_waiting = MESSAGE.predicate(*MESSAGE.waiting)
    has_left = MESSAGE.predicate(*MESSAGE.left)
    is_proven = MESSAGE.predicate(*MESSAGE.proven)
    """It left, or bounced from there."""

    @property
    def is_from_person(self) -> bool:
        """Received, and no machine's automatic answer."""
        return self.direction == self.Direction.IN and self.attributes.get("kind") not in AUTOMATIC_KINDS


class MessageEvent(models.Model):
    """Something that happened to a message, append-only; `external_id` makes a repeated callback one event."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.TextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    external_id = models.TextField(null=True, blank=True, unique=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [models.Index(fields=["message", "id"], name="message_event_message")]
