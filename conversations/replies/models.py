"""How inbound messages were read, and suggested answers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated
from outreach.core.states import State, StateMachine

_REVIEW = ("reviewer", "operator", "administrator")

SUGGESTION = StateMachine(
    name="suggestion",
    initial="proposed",
    states={
        "proposed": State(_("Proposed"), to=("used", "discarded", "superseded"), colour="blue"),
        "used": State(_("Used"), colour="green", roles=_REVIEW),
        "discarded": State(_("Discarded"), colour="grey", roles=_REVIEW),
        "superseded": State(_("Superseded"), colour="grey"),
    },
)


class Intent(models.TextChoices):
    """What a reply wants. `positive`, `negative`, `information` and `bounce` are the classes of the reports."""

    POSITIVE = "positive", _("Interested")
    BOOKING = "booking", _("Wants a call")
    QUESTION = "question", _("Asks a question")
    NEGATIVE = "negative", _("Not interested")
    NOT_NOW = "not_now", _("Not now")
    REFERRAL = "referral", _("Refers to somebody else")
    OPT_OUT = "opt_out", _("Opts out")
    AUTO_REPLY = "auto_reply", _("Automatic reply")
    OUT_OF_OFFICE = "out_of_office", _("Out of office")
    BOUNCE = "bounce", _("Bounce")
    COMPLAINT = "complaint", _("Abuse report")
    UNCLEAR = "unclear", _("Unclear")


class Reading(models.Model):
    """The understanding of one inbound message; a person's correction is a newer row."""

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="readings")
    intent = models.TextField(choices=Intent.choices)
    source = models.TextField(help_text="keyword, rules, model, person")
    confidence = models.FloatField(default=1.0)
    language = models.TextField(blank=True)
    reasons = models.JSONField(default=list)
    interaction = models.ForeignKey(
        "llm.Interaction", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_by = models.ForeignKey("access.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]


class Suggestion(Dated):
    """An answer that the product proposes; a person approves, edits or discards it."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="suggestions")
    answers = models.ForeignKey(
        "conversations.Message", null=True, on_delete=models.CASCADE, related_name="suggestions"
    )
    channel = models.TextField()
    subject = models.TextField(blank=True)
    body = models.TextField()
    state = models.TextField(choices=SUGGESTION.choices, default=SUGGESTION.initial)
    interaction = models.ForeignKey("llm.Interaction", on_delete=models.PROTECT, related_name="+")
    sent_message = models.ForeignKey(
        "conversations.Message", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
