"""What each user chose for the inbox, and the texts that the team keeps for it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core.models import Dated


class Preference(models.Model):
    """How the inbox behaves for one user. Without a row: as the defaults say."""

    user = models.OneToOneField("access.User", primary_key=True, on_delete=models.CASCADE, related_name="+")
    opens_next = models.BooleanField(default=False, help_text="After an answer, the next conversation opens")


class Mention(models.Model):
    """A colleague named in a note. Erasure: stays; the note's text goes."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="mentions", db_index=False
    )
    note = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey("access.User", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user", "conversation"], name="mention_user")]


class SavedReply(Dated):
    """A text that the team answers with again and again; `{{ first_name }}` and the like become facts of the person."""

    name = models.TextField(_("name"), unique=True)
    body = models.TextField(_("text"))

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "saved replies"

    def __str__(self) -> str:
        return self.name
