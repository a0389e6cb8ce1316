"""DKIM (RFC 6376) for mailboxes whose server does not sign: RSA-SHA256, the unsubscribe headers always under it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from conversations.channels.base import Account
from outreach.core.errors import Invalid

SIGNED = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
]
"""RFC 8058 asks for the last two; a header that is not there is left out."""
MINIMUM_BITS = 1024
_PEM = re.compile(r"-----BEGIN ([A-Z ]*)PRIVATE KEY-----(.*?)-----END \1PRIVATE KEY-----", re.DOTALL)
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True)
class Signature:
    """Who signs: the public key is the DNS record `selector._domainkey.domain`."""

    domain: str
    selector: str
    private_key: bytes

    def sign(self, data: bytes) -> bytes:
        """`data` with a DKIM-Signature before it."""
        import dkim

        present = {line.split(b":", 1)[0].lower() for line in data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")}
        header: bytes = dkim.sign(
            data,
            self.selector.encode(),
            self.domain.encode(),
            self.private_key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in SIGNED if name.encode() in present],
        )
        return header + data


def signature_of(account: Account) -> Signature | None:
    """How mail of `account` is signed, or None when its server does. Raises `Invalid` for half a setting or a bad key."""
    selector = str(account.settings.get("dkim_selector") or "").strip()
    given = str(account.credentials.get("dkim_private_key") or "")
    if not selector and not given:
        return None
    ours = account.address.rpartition("@")[2].encode("idna").decode().lower()
    domain = str(account.settings.get("dkim_domain") or "").strip().lower().rstrip(".") or ours
    if not selector or not _LABEL.fullmatch(selector):
        raise Invalid("dkim_selector", "DKIM needs a selector: a DNS name such as “s1”.", code="missing")
    if not given:
        raise Invalid("dkim_private_key", "A DKIM selector needs its private key.", code="missing")
    if not _LABEL.fullmatch(domain) or not (ours == domain or ours.endswith(f".{domain}")):
        raise Invalid(
            "dkim_domain",
            f"For DMARC, sign with the sending domain “{ours}” or one above it.",
            code="not_aligned",
        )
    return Signature(domain, selector, _key(given))


@lru_cache(maxsize=64)
def _key(text: str) -> bytes:
    """The RSA key as clean PEM, also when a form or a secret store lost its line breaks."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    match = _PEM.search(text)
    kind, content = (match[1], match[2]) if match else ("", text)
    content = re.sub(r"\\n|\s", "", content)
    lines = "\n".join(content[i : i + 64] for i in range(0, len(content), 64))
    pem = f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----\n".encode()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Invalid(
            "dkim_private_key", "This is not a private key in PEM format without a password.", code="malformed"
        ) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < MINIMUM_BITS:
        raise Invalid("dkim_private_key", f"DKIM needs an RSA key of at least {MINIMUM_BITS} bits.", code="wrong_key")
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
