"""What a person chose, and what there is to tell them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from outreach.core import secrets
from outreach.core.models import Dated
from outreach.core.sentences import SentenceField
from outreach.core.states import one_of


class Pace(models.TextChoices):
    """How often mail comes."""

    AT_ONCE = "at_once", _("At once")
    HOURLY = "hourly", _("Every hour, together")
    DAILY = "daily", _("Once a day, together")


class Preferences(Dated):
    """What one user wants to hear of. Without a row the defaults hold. Erasure: gone with its user."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    mail = models.JSONField(default=dict, help_text="{kind: bool}; a kind that is not in it is as its default")
    chat = models.JSONField(default=dict)
    pace = models.TextField(choices=Pace.choices, default=Pace.HOURLY)
    daily_hour = models.PositiveSmallIntegerField(default=9)
    is_quiet = models.BooleanField(default=True)
    quiet_from = models.PositiveSmallIntegerField(default=20)
    quiet_until = models.PositiveSmallIntegerField(default=8)
    chat_token = models.TextField(blank=True, editable=False, help_text="The encrypted address of their own chat")
    chat_error = SentenceField(blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [one_of("pace", Pace.choices)]

    @property
    def chat_url(self) -> str:
        """Where messages go; whoever knows it can write there, so it is encrypted."""
        return str(secrets.decrypt(self.chat_token)) if self.chat_token else ""

    def set_chat_url(self, url: str) -> None:
        self.chat_token = secrets.encrypt(url) if url else ""

    def wants(self, way: str, kind: Any) -> bool:
        """Whether a kind is told by `mail` or `chat`."""
        chosen = self.mail if way == "mail" else self.chat
        default = kind.is_on if way == "mail" else bool(self.chat_token)
        return bool(chosen.get(kind.name, default))


class Notice(models.Model):
    """One thing to tell one user. An event's words are made when it is sent; a watch's are no personal data.

    Erasure: gone with its user; words about leads are never stored.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False)
    kind = models.TextField()
    key = models.TextField()
    event = models.ForeignKey("events.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    path = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    mail_due = models.BooleanField(default=False)
    chat_due = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["user", "id"], condition=models.Q(mail_due=True) | models.Q(chat_due=True), name="notice_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
