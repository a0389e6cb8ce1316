"""Whether a webhook really comes from Twilio: its signature over the public address and the form."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest

from conversations.senders.models import Sender

HEADER = "X-Twilio-Signature"


def public_url(request: HttpRequest) -> str:
    """The address that Twilio called, behind whatever proxy: our public base and the request's path and query."""
    base = urlsplit(str(settings.PUBLIC_BASE_URL))
    path, _question, query = request.get_full_path().partition("?")
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + path, query, ""))


def is_genuine(request: HttpRequest, sender: Sender) -> bool:
    """Whether the request is signed with the sender's auth token."""
    from twilio.request_validator import RequestValidator

    token = str(sender.credentials.get("auth_token") or "")
    signature = request.headers.get(HEADER, "")
    if not token or not signature:
        return False
    return bool(RequestValidator(token).validate(public_url(request), request.POST, signature))
