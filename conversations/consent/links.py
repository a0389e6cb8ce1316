"""Signed unsubscribe links: no login, no expiry, nothing in them but the message's number."""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from conversations.models import Message

_SALT = "conversations.unsubscribe"


def token(message_id: int) -> str:
    """The signed token of one message."""
    return Signer(salt=_SALT, sep="~").sign(str(message_id))


def message_id(text: str) -> int | None:
    """The message's number behind a token, or None for a forged or damaged one."""
    try:
        return int(Signer(salt=_SALT, sep="~").unsign(text))
    except (BadSignature, ValueError):
        return None


def unsubscribe_url(message: Message) -> str:
    """The full address with which the recipient of `message` opts out."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('unsubscribe', args=[token(message.pk)])}"
