"""SES's events, which come through an SNS topic: RSA signatures with a certificate that Amazon hosts.

Anybody may make a topic and have Amazon sign for it, so only the sender's own topic is believed. The certificate is asked
from Amazon's hosts (or the test server's) and kept for the life of the process.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from conversations.channels.base import Account
from conversations.channels.providers.news import News, Raw
from conversations.channels.providers.reading import news_of, view
from outreach.web.sessions import guarded_session

_TRACKING = "amazon_ses.AmazonSESTrackingWebhookView"
_AMAZON = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""The parts under the signature, in order; a part that is not there is left out."""
TIMEOUT_SECONDS = 10


def is_amazons(url: str, account: Account) -> bool:
    """Whether `url` is SNS's own: https at Amazon, or the server that the sender's API address names."""
    parts, own = urlsplit(url), urlsplit(str(account.settings.get("base_url") or ""))
    if own.netloc and (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return parts.scheme == "https" and bool(_AMAZON.fullmatch(parts.netloc))


@lru_cache(maxsize=16)
def _public_key(url: str) -> Any:
    from cryptography.x509 import load_pem_x509_certificate

    response = guarded_session().get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    response.raise_for_status()
    return load_pem_x509_certificate(response.content).public_key()


class SesWebhook:
    def is_genuine(self, *, body: bytes, headers: Mapping[str, str], account: Account) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding
        from requests import RequestException

        topic = str(account.settings.get("topic_arn") or "")
        try:
            notice = json.loads(body)
            names = _SIGNED[notice["Type"]]
            url = str(notice["SigningCertURL"])
            if not topic or notice["TopicArn"] != topic or not is_amazons(url, account):
                return False
            text = "".join(f"{name}\n{notice[name]}\n" for name in names if notice.get(name) is not None)
            digest = hashes.SHA256() if str(notice.get("SignatureVersion")) == "2" else hashes.SHA1()  # noqa: S303
            signature = base64.b64decode(notice["Signature"])
            _public_key(url).verify(signature, text.encode(), padding.PKCS1v15(), digest)
        except (InvalidSignature, binascii.Error, KeyError, TypeError, ValueError, AttributeError, RequestException):
            return False
        return True

    def split(self, *, body: bytes, headers: Mapping[str, str]) -> list[Raw]:
        notice = json.loads(body)
        return [Raw(str(notice["MessageId"]), {"notice": notice})]

    def read(self, fields: Mapping[str, Any]) -> News:
        notice = fields["notice"]
        if notice.get("Type") != "Notification":
            return News("", None)
        try:
            event = json.loads(notice["Message"])
        except ValueError:
            return News("", None)  # “Successfully validated SNS topic …”
        kind = str(event.get("eventType") or event.get("notificationType") or "")
        if kind == "DeliveryDelay":
            delay = event.get("deliveryDelay") or {}
            event = {**event, "eventType": "Send"}
            found = view(_TRACKING).esp_to_anymail_events(event, notice)
            return news_of(found[0], kind="delayed", reason=str(delay.get("delayType", "")))
        found = view(_TRACKING).esp_to_anymail_events(event, notice)
        if not found:
            return News("", None)
        bounce = event.get("bounce") or {}
        kind_of_bounce = bounce.get("bounceType")
        further: dict[str, Any] = {}
        if kind == "Bounce":
            further = {
                "kind": "delayed"
                if kind_of_bounce == "Transient" and bounce.get("bounceSubType") == "General"
                else "bounced",
                "is_hard": kind_of_bounce == "Permanent" and bounce.get("bounceSubType") != "OnAccountSuppressionList",
                "code": str(bounce.get("bounceSubType") or ""),
            }
        elif kind == "Subscription":
            further = {"kind": "unsubscribed"}
        return news_of(found[0], **further)

    def confirmation_url(self, fields: Mapping[str, Any], account: Account) -> str:
        """Where a subscription of the sender's own topic is confirmed; empty for everything else."""
        notice = fields.get("notice") or {}
        url = str(notice.get("SubscribeURL") or "")
        return url if notice.get("Type") == "SubscriptionConfirmation" and is_amazons(url, account) else ""


WEBHOOK = SesWebhook()
