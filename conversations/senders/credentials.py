"""Credentials that a provider renews by itself."""

from __future__ import annotations

from django.db import transaction

from conversations.senders.models import Sender
from outreach.core.audit import record
from outreach.core.models import Actor


def keep_refresh_token(sender_id: int, token: str) -> None:
    """Put the refresh token that a provider handed out in place of the one before, encrypted, at once."""
    with transaction.atomic():
        sender = Sender.objects.select_for_update().filter(pk=sender_id).first()
        if sender is None:
            return
        sender.set_credentials({**sender.credentials, "refresh_token": token})
        sender.save(update_fields=["credentials_token", "updated_at"])
        record("sender.refresh_token_renewed", subject=sender, actor=Actor.system("provider"))
