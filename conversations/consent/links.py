"""Signed unsubscribe links: no login, no expiry, nothing in them but the message's number."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from conversations.models import Message

_SALT = "conversations.unsubscribe"
_COMMAND = "unsubscribe"


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


def is_one_click_possible() -> bool:
    """RFC 8058 requires https; without a public address a link would be useless."""
    return str(settings.PUBLIC_BASE_URL).startswith("https://")


def mailto(message: Message, address: str) -> str:
    """The mail that opts out: its subject is read by `message_id_of_subject`."""
    return f"mailto:{quote(address, safe='@')}?subject={quote(f'{_COMMAND} {token(message.pk)}')}"


def message_id_of_subject(subject: str) -> int | None:
    """The message's number in the subject of an opt-out mail, or None for any other and for a forged one."""
    words = subject.split()
    if len(words) != 2 or words[0].lower() != _COMMAND:
        return None
    return message_id(words[1])
