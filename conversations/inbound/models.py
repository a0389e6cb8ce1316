"""The raw store of everything that comes in, and mailbox cursors."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.sentences import SentenceField
from outreach.core.states import State, StateMachine

INBOUND = StateMachine(
    name="inbound event",
    initial="stored",
    states={
        "stored": State(_("Stored"), to=("handled", "ignored", "failed"), colour="blue"),
        "handled": State(_("Handled"), to=("stored",), colour="green"),
        "ignored": State(_("Ignored"), to=("stored",), colour="grey"),
        "failed": State(_("Failed"), to=("stored", "handled", "ignored", "failed"), colour="red", roles=()),
    },
    sets={"open": ("stored", "failed")},
)


class InboundEvent(models.Model):
    """One thing from outside, exactly as it came, once. Understanding it happens later and may be repeated.

    Erasure: `body` and `fields` of a lead's events are blanked; source, id and times stay.
    """

    source = models.TextField(help_text="twilio.message, twilio.status, imap, provider.mailgun, …")
    external_id = models.TextField(help_text="Unique within its source; a repeated delivery is the same event")
    sender = models.ForeignKey("senders.Sender", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    fields = models.JSONField(default=dict, help_text="Form fields or envelope")
    body = models.BinaryField(default=b"", help_text="The raw message")
    state = models.TextField(choices=INBOUND.choices, default=INBOUND.initial)
    kind = models.TextField(blank=True, help_text="Classification: reply, bounce, auto_reply, status, …")
    message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="inbound_events"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    error = SentenceField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="inbound_event_once"),
            INBOUND.constraint(),
        ]
        indexes = [models.Index(fields=["id"], condition=models.Q(state=INBOUND.STORED), name="inbound_event_stored")]

    def __str__(self) -> str:
        return f"{self.source} #{self.pk}"

    is_stored = INBOUND.predicate("stored")


class MailboxCursor(models.Model):
    """How far a folder of a sender's mailbox was read."""

    sender = models.ForeignKey("senders.Sender", on_delete=models.CASCADE, related_name="cursors")
    folder = models.TextField()
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    recent_uids = models.JSONField(default=list, help_text="Messages of the overlap that are already stored")
    polled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "folder"], name="mailbox_cursor_once")]

    def __str__(self) -> str:
        return f"{self.sender} · {self.folder}"


class FeedbackCursor(models.Model):
    """How far the sweep for missed callbacks came among the sent messages of a sender; it starts again at the end."""

    sender = models.OneToOneField("senders.Sender", on_delete=models.CASCADE, related_name="feedback_cursor")
    after_sent_at = models.DateTimeField(null=True, blank=True)
    after_id = models.BigIntegerField(default=0)
    swept_at = models.DateTimeField(null=True, blank=True)
    error = SentenceField(blank=True, help_text="Why the carrier could not be asked last time")

    def __str__(self) -> str:
        return str(self.sender)
