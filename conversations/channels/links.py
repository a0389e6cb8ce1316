"""Signed addresses under which a carrier fetches a stored file, for a day: no sign-in, nothing in them but the content's hash."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

VALID_FOR = timedelta(hours=24)
"""A carrier fetches within minutes, and again when it tries again."""
_SALT = "conversations.files.media"


def media_url(content_hash: str) -> str:
    """The full address of one content, valid from now on."""
    token = TimestampSigner(salt=_SALT, sep="~").sign(content_hash)
    return f"{str(settings.PUBLIC_BASE_URL).rstrip('/')}{reverse('files:media', args=[token])}"


def content_hash_of(token: str) -> str:
    """The content's hash behind a token; empty for a forged, damaged or expired one."""
    try:
        return TimestampSigner(salt=_SALT, sep="~").unsign(token, max_age=VALID_FOR)
    except BadSignature:
        return ""
