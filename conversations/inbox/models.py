"""What each user chose for the inbox."""

from __future__ import annotations

from django.db import models


class Preference(models.Model):
    """How the inbox behaves for one user. Without a row: as the defaults say."""

    user = models.OneToOneField("access.User", primary_key=True, on_delete=models.CASCADE, related_name="+")
    opens_next = models.BooleanField(default=False, help_text="After an answer, the next conversation opens")
