"""What five mail providers' webhooks send, after their public references, and how each of them signs it.

`events(provider, kind, about)` is the body of one request about one message; `sign(provider, body)` its headers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

SECRET = "whsec_" + base64.b64encode(b"a secret of the webhook").decode()
TOPIC = "arn:aws:sns:eu-central-1:123456789012:outreach"
METADATA = "outreach_message"


@dataclass
class About:
    """The message that an event is about."""

    number: int
    provider_id: str
    to: str
    message_id: str = "first@ourfirm.de"
    at: datetime | None = None
    event_id: str = ""

    @property
    def moment(self) -> datetime:
        return self.at or datetime.now(UTC)

    @property
    def id(self) -> str:
        return self.event_id or uuid4().hex


BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def sendgrid(kind: str, about: About) -> Any:
    event: dict[str, Any] = {
        "email": about.to, "timestamp": int(about.moment.timestamp()), "sg_event_id": about.id,
        "sg_message_id": f"{about.provider_id}.filterdrecv-5645d9c87f-78xwr-1-5F4C.0", "smtp-id": f"<{about.message_id}>",
        METADATA: str(about.number),
    }  # fmt: skip
    further: dict[str, dict[str, Any]] = {
        "delivered": {"event": "delivered", "response": "250 OK"},
        "deferred": {"event": "deferred", "response": "400 try again later", "attempt": "5"},
        "opened": {"event": "open", "useragent": BROWSER, "ip": "255.255.255.255", "sg_machine_open": False},
        "machine_opened": {"event": "open", "useragent": BROWSER, "ip": "255.255.255.255", "sg_machine_open": True},
        "clicked": {"event": "click", "useragent": BROWSER, "url": "https://firm.example/offer", "ip": "255.255.255.255"},
        "bounced": {
            "event": "bounce", "type": "bounce", "status": "5.1.1", "bounce_classification": "Invalid Address",
            "reason": "550 5.1.1 The email account that you tried to reach does not exist.",
        },
        "blocked": {"event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "550 5.7.1 blocked by policy"},
        "full": {"event": "bounce", "type": "blocked", "status": "5.2.2", "reason": "552 5.2.2 mailbox full"},
        "complained": {"event": "spamreport"},
        "unsubscribed": {"event": "unsubscribe"},
        "dropped": {"event": "dropped", "reason": "Bounced Address", "status": "5.0.0"},
        "dropped_opt_out": {"event": "dropped", "reason": "Unsubscribed Address"},
    }  # fmt: skip
    return [event | further[kind]]


def resend(kind: str, about: About) -> Any:
    data: dict[str, Any] = {
        "created_at": about.moment.isoformat(), "email_id": about.provider_id, "from": "Me <me@ourfirm.de>",
        "to": [about.to], "subject": "Hello", "headers": [{"name": "X-Metadata", "value": json.dumps({METADATA: str(about.number)})}],
    }  # fmt: skip
    types = {"deferred": "delivery_delayed", "dropped": "suppressed"}
    further: dict[str, dict[str, Any]] = {
        "bounced": {
            "bounce": {
                "message": "The recipient's email address is on the suppression list because it has a recent history of"
                " producing hard bounces.", "type": "Permanent", "subType": "Suppressed",
            }
        },
        "clicked": {
            "click": {"ipAddress": "122.115.53.11", "link": "https://firm.example/offer", "userAgent": BROWSER,
                      "timestamp": about.moment.isoformat()}
        },
        "dropped": {"suppressed": {"message": "on the account suppression list", "reason": "suppressed"}},
    }  # fmt: skip
    event = types.get(kind, kind)
    return {"type": f"email.{event}", "created_at": about.moment.isoformat(), "data": data | further.get(kind, {})}


def mailgun(kind: str, about: About) -> Any:
    timestamp, token = str(int(time.time())), uuid4().hex
    key = SECRET.encode()
    signature = hmac.new(key, f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    data: dict[str, Any] = {
        "id": about.id, "timestamp": about.moment.timestamp(), "log-level": "info", "recipient": about.to,
        "message": {"headers": {"to": about.to, "message-id": about.message_id, "from": "me@ourfirm.de", "subject": "Hello"}},
        "user-variables": {METADATA: str(about.number)}, "tags": [], "recipient-domain": about.to.partition("@")[2],
    }  # fmt: skip
    client = {
        "client-os": "Linux",
        "device-type": "desktop",
        "client-name": "Firefox",
        "user-agent": BROWSER,
        "bot": "",
    }
    further: dict[str, dict[str, Any]] = {
        "delivered": {"event": "delivered", "delivery-status": {"code": 250, "message": "OK", "attempt-no": 1}},
        "deferred": {
            "event": "failed", "severity": "temporary", "reason": "generic",
            "delivery-status": {"code": 452, "message": "4.2.2 over quota", "retry-seconds": 600, "attempt-no": 1},
        },
        "opened": {"event": "opened", "client-info": client},
        "machine_opened": {"event": "opened", "client-info": client | {"bot": "gmail"}},
        "clicked": {"event": "clicked", "client-info": client, "url": "https://firm.example/offer"},
        "bounced": {
            "event": "failed", "severity": "permanent", "reason": "bounce", "log-level": "error",
            "delivery-status": {"code": 550, "message": "5.1.1 no such user", "enhanced-code": "5.1.1", "attempt-no": 1},
        },
        "blocked": {
            "event": "failed", "severity": "permanent", "reason": "espblock",
            "delivery-status": {"code": 550, "message": "5.7.1 blocked", "enhanced-code": "5.7.1"},
        },
        "complained": {"event": "complained"},
        "unsubscribed": {"event": "unsubscribed", "client-info": client},
        "dropped_opt_out": {
            "event": "failed", "severity": "permanent", "reason": "suppress-unsubscribe",
            "delivery-status": {"code": 605, "message": "", "description": "Not delivering to unsubscribed address"},
        },
    }  # fmt: skip
    block = {"timestamp": timestamp, "token": token, "signature": signature}
    return {"signature": block, "event-data": data | further[kind]}


def postmark(kind: str, about: About) -> Any:
    at = about.moment.isoformat()
    event: dict[str, Any] = {
        "ServerID": 23, "MessageStream": "outbound", "MessageID": about.provider_id, "Tag": "",
        "Metadata": {METADATA: str(about.number)},
    }  # fmt: skip
    bounce = {
        "ID": 42,
        "Email": about.to,
        "From": "me@ourfirm.de",
        "BouncedAt": at,
        "Inactive": True,
        "CanActivate": True,
    }
    further: dict[str, dict[str, Any]] = {
        "delivered": {"RecordType": "Delivery", "Recipient": about.to, "DeliveredAt": at, "Details": "smtp;250 OK"},
        "deferred": {"RecordType": "Bounce", "Type": "Transient", "TypeCode": 2, **bounce, "Details": "smtp;451 later"},
        "opened": {"RecordType": "Open", "FirstOpen": True, "Recipient": about.to, "UserAgent": BROWSER, "ReceivedAt": at},
        "clicked": {
            "RecordType": "Click", "Recipient": about.to, "UserAgent": BROWSER, "ReceivedAt": at, "ClickLocation": "HTML",
            "OriginalLink": "https://firm.example/offer",
        },
        "bounced": {
            "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Name": "Hard bounce", **bounce,
            "Description": "The server was unable to deliver your message (ex: unknown user).",
            "Details": "smtp;550 5.1.1 unknown user",
        },
        "blocked": {"RecordType": "Bounce", "Type": "Blocked", "TypeCode": 100006, **bounce, "Details": "ISP block"},
        "complained": {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512, **bounce},
        "unsubscribed": {
            "RecordType": "SubscriptionChange", "Recipient": about.to, "ChangedAt": at, "Origin": "Recipient",
            "SuppressSending": True, "SuppressionReason": "ManualSuppression",
        },
    }  # fmt: skip
    return event | further[kind]


def ses(kind: str, about: About) -> Any:
    at = about.moment.isoformat()
    mail = {
        "timestamp": at, "source": "me@ourfirm.de", "messageId": about.provider_id, "destination": [about.to],
        "headers": [{"name": "X-Metadata", "value": json.dumps({METADATA: str(about.number)})}],
    }  # fmt: skip
    who = [{"emailAddress": about.to, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 unknown user"}]
    further: dict[str, dict[str, Any]] = {
        "delivered": {"eventType": "Delivery", "delivery": {"timestamp": at, "recipients": [about.to], "smtpResponse": "250 OK"}},
        "deferred": {"eventType": "DeliveryDelay", "deliveryDelay": {"delayType": "MailboxFull", "delayedRecipients": who}},
        "opened": {"eventType": "Open", "open": {"timestamp": at, "userAgent": BROWSER, "ipAddress": "192.0.2.1"}},
        "clicked": {"eventType": "Click", "click": {"link": "https://firm.example/offer", "userAgent": BROWSER, "timestamp": at}},
        "bounced": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": who, "timestamp": at},
        },
        "blocked": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Transient", "bounceSubType": "ContentRejected", "bouncedRecipients": who, "timestamp": at},
        },
        "complained": {
            "eventType": "Complaint",
            "complaint": {"complainedRecipients": [{"emailAddress": about.to}], "complaintFeedbackType": "abuse", "timestamp": at},
        },
        "unsubscribed": {"eventType": "Subscription", "subscription": {"contactList": "list", "timestamp": at}},
    }  # fmt: skip
    return sns("Notification", Message=json.dumps(further[kind] | {"mail": mail}), MessageId=about.id, at=about.moment)


def sns(kind: str, *, at: datetime | None = None, **fields: str) -> dict[str, Any]:
    """A signed SNS notice; `SigningCertURL` is filled in by `signed_by`."""
    moment = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"Type": kind, "TopicArn": TOPIC, "Timestamp": moment, "SignatureVersion": "2", **fields}


def signed_by(notice: dict[str, Any], cert_url: str) -> dict[str, Any]:
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{notice[name]}\n" for name in names if name in notice)
    signature = sns_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return notice | {"Signature": base64.b64encode(signature).decode(), "SigningCertURL": cert_url}


@cache
def sns_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def sns_certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.eu-central-1.amazonaws.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(sns_key().public_key())
    builder = (
        builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    return builder.sign(sns_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@cache
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def sendgrid_public_key() -> str:
    public = sendgrid_key().public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()


def sign(provider: str, body: bytes, *, event_id: str = "") -> dict[str, str]:
    """The headers with which the provider proves that it is the one (Mailgun and SES sign inside the body)."""
    now = str(int(time.time()))
    if provider == "sendgrid":
        signature = sendgrid_key().sign(now.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": now,
        }
    if provider == "resend":
        identifier = event_id or f"msg_{uuid4().hex}"
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        digest = hmac.new(key, f"{identifier}.{now}.".encode() + body, hashlib.sha256).digest()
        signature_text = f"v1,{base64.b64encode(digest).decode()}"
        return {"Svix-Id": identifier, "Svix-Timestamp": now, "Svix-Signature": signature_text}
    if provider == "postmark":
        return {"Authorization": "Basic " + base64.b64encode(f"outreach:{SECRET}".encode()).decode()}
    return {}


KEYS = {
    "sendgrid": sendgrid_public_key,
    "resend": lambda: SECRET,
    "mailgun": lambda: SECRET,
    "postmark": lambda: SECRET,
}
EVENTS = {"sendgrid": sendgrid, "resend": resend, "mailgun": mailgun, "postmark": postmark, "ses": ses}
