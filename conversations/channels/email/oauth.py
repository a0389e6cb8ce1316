"""Sign-in with OAuth 2.0 (XOAUTH2): a refresh token yields access tokens, which are cached encrypted until they expire.

The refresh token comes from the provider's consent page (`conversations.channels.email.oauth_consent`).

RFC 6749, section 6, and the SASL mechanism of Google and Microsoft. A provider that rotates refresh tokens hands out a
new one with the answer; it must be kept at once, or the mailbox is locked out: `REFRESHED` is told.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError

from conversations.channels.base import Account, Fault, NotSent
from outreach.core import secrets
from outreach.core.errors import Invalid, OutreachError, Permanent
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.web.fetching import Bounds
from outreach.web.sessions import post_form

EARLY_SECONDS = 60
"""A token that ends sooner than this is not used any more."""
DEFAULT_LIFETIME_SECONDS = 3600
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
REVOKED = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", "interaction_required"})


@dataclass(frozen=True)
class Provider:
    """A provider's consent page, token endpoint and scope."""

    name: str
    authorize_url: str = ""
    token_url: str = ""
    scope: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What else makes it hand out a refresh token."""
    needed_scope: str = ""
    """What must be granted: people may untick it on the consent page."""


OTHER = Provider("other")
PROVIDERS = {
    "google": Provider(
        "google",
        "https://accounts.google.com/o/oauth2/v2/auth",
        "https://oauth2.googleapis.com/token",
        "https://mail.google.com/",
        {"access_type": "offline", "prompt": "consent"},
        "https://mail.google.com/",
    ),
    "microsoft": Provider(
        "microsoft",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
        {"prompt": "select_account"},
        "https://outlook.office.com/SMTP.Send",
    ),
}

REFRESHED: Point[Callable[[int, str], None]] = Point("oauth.refreshed")
"""Called with the account's id and its new refresh token; set by the room that stores credentials."""

_known: dict[str, tuple[str, float]] = {}
"""Access tokens of this process with the time (Unix) at which they end."""


@dataclass(frozen=True)
class Grant:
    """The request for a new access token."""

    account_id: int
    token_url: str
    client_id: str
    scope: str
    timeout_seconds: int
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def key(self) -> str:
        text = f"{self.token_url}\x1f{self.client_id}\x1f{self.scope}\x1f{self.client_secret}\x1f{self.refresh_token}"
        return f"oauth:{self.account_id}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def grant(account: Account, *, timeout_seconds: int) -> Grant | None:
    """The grant of an account that signs in by OAuth 2.0, None for one with a password."""
    if account.settings.get("sign_in") != "xoauth2":
        return None
    return Grant(
        account_id=account.id,
        token_url=token_url(account),
        client_id=client(account)[0],
        scope=str(account.settings.get("oauth_scope") or ""),
        timeout_seconds=timeout_seconds,
        client_secret=client(account)[1],
        refresh_token=str(account.credentials.get("refresh_token") or ""),
    )


def provider(account: Account) -> Provider:
    """Whose consent page and token endpoint a mailbox uses: the chosen one, else whose token endpoint it names."""
    chosen = PROVIDERS.get(str(account.settings.get("oauth_provider") or ""))
    if chosen is not None:
        return chosen
    host = urlsplit(str(account.settings.get("token_url") or "")).hostname
    return next((known for known in PROVIDERS.values() if urlsplit(known.token_url).hostname == host), OTHER)


def client(account: Account) -> tuple[str, str]:
    """The id and the secret of our app at the provider: the mailbox's own, else those of outreach.toml.

    The shared secret goes to the provider's own token endpoint only, never to one that a sender names.
    """
    own = str(account.settings.get("client_id") or "")
    known = provider(account)
    if own or token_url(account) != known.token_url:
        return own, str(account.credentials.get("client_secret") or "")
    return shared_client(known.name)


def shared_client(name: str) -> tuple[str, str]:
    """The id and the secret of the app that `[oauth.<name>]` in outreach.toml names; empty texts without one."""
    configured = getattr(settings.OUTREACH.oauth, name, None)
    if configured is None or not configured.client_id:
        return "", ""
    return configured.client_id, os.environ.get(configured.client_secret_env, "")


def token_url(account: Account) -> str:
    return str(account.settings.get("token_url") or "") or provider(account).token_url


def authorize_url(account: Account) -> str:
    return str(account.settings.get("authorize_url") or "") or provider(account).authorize_url


def check(account: Account) -> None:
    """Raise `Invalid` naming what is missing for a sign-in by OAuth 2.0; no network.

    The refresh token may come later, from the consent page: until then the sender cannot be verified.
    """
    if account.settings.get("sign_in") != "xoauth2":
        return
    if not _is_endpoint(token_url(account)):
        raise Invalid("token_url", _("Enter the provider's token endpoint; it starts with https://."), code="malformed")
    if (page := authorize_url(account)) and not _is_endpoint(page):
        raise Invalid(
            "authorize_url",
            _("Enter the address of the provider's consent page; it starts with https://."),
            code="malformed",
        )
    if not client(account)[0]:
        raise Invalid("client_id", _("OAuth 2.0 needs the client ID of your app at the provider."), code="missing")


def _is_endpoint(text: str) -> bool:
    url = urlsplit(text)
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK))


def sasl(username: str, token: str) -> str:
    """The initial response of the mechanism XOAUTH2."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01"


def access_token(grant: Grant, *, is_new: bool = False) -> str:
    """An access token, cached or new. Raises `NotSent`: the sender's fault when revoked, temporary otherwise."""
    if not grant.refresh_token:
        raise NotSent(
            Fault.SENDER,
            "no_refresh_token",
            _("Access to this mailbox has not been granted yet. Choose “Connect the mailbox” on the sender's page."),
        )
    if not is_new and (kept := _kept(grant)):
        return kept
    answer = _ask(grant)
    token = str(answer["access_token"])
    lifetime = _lifetime(answer)
    _keep(grant, token, lifetime)
    renewed = str(answer.get("refresh_token") or "")
    if renewed and renewed != grant.refresh_token:
        for keep in REFRESHED.entries():
            keep(grant.account_id, renewed)
    return token


def _lifetime(answer: dict[str, Any]) -> int:
    try:
        return max(EARLY_SECONDS + 1, int(answer.get("expires_in") or DEFAULT_LIFETIME_SECONDS))
    except (TypeError, ValueError):
        return DEFAULT_LIFETIME_SECONDS


def _kept(grant: Grant) -> str:
    token, ends = _known.get(grant.key, ("", 0.0))
    if token and ends - EARLY_SECONDS > time.time():
        return token
    try:
        stored = cache.get(grant.key)
        value = secrets.decrypt(stored) if stored else {}
    except (DatabaseError, Permanent):
        return ""
    if not value or float(value["ends"]) - EARLY_SECONDS <= time.time():
        return ""
    _known[grant.key] = (str(value["token"]), float(value["ends"]))
    return str(value["token"])


def _keep(grant: Grant, token: str, lifetime: int) -> None:
    ends = time.time() + lifetime
    _known[grant.key] = (token, ends)
    try:
        cache.set(grant.key, secrets.encrypt({"token": token, "ends": ends}), timeout=lifetime)
    except DatabaseError:
        return  # this process has it; another one asks for its own


def forget() -> None:
    """Drop the access tokens of this process."""
    _known.clear()


def bounds(seconds: float) -> Bounds:
    """How large and slow the answer of a token endpoint may be."""
    return Bounds(max_bytes=256 * 1024, timeout=timedelta(seconds=seconds), step=timedelta(seconds=seconds))


def _ask(grant: Grant) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "client_id": grant.client_id, "refresh_token": grant.refresh_token}
    if grant.client_secret:
        form["client_secret"] = grant.client_secret
    if grant.scope:
        form["scope"] = grant.scope
    host = urlsplit(grant.token_url).hostname
    try:
        response = post_form(grant.token_url, form, bounds=bounds(grant.timeout_seconds))
        answer = json.loads(response.body)
    except (OutreachError, ValueError) as error:
        reason = error.reason if isinstance(error, OutreachError) else type(error).__name__
        raise NotSent(
            Fault.PASSING,
            "no_token",
            f"Could not get an access token from {host}: {reason}",
            retry_after=timedelta(minutes=2),
        ) from error
    if response.status == 200 and isinstance(answer, dict) and isinstance(answer.get("access_token"), str):
        return answer
    code = str(answer.get("error") or "") if isinstance(answer, dict) else ""
    if code in REVOKED or (400 <= response.status < 500 and response.status != 429):
        raise NotSent(
            Fault.SENDER,
            code or f"http_{response.status}",
            _(
                "%(host)s refused to renew the sign-in (%(reason)s): access was revoked or has expired. "
                "Reconnect the mailbox on the sender's page."
            )
            % {"host": host, "reason": code or response.status},
        )
    raise NotSent(
        Fault.PASSING,
        "no_token",
        f"{host} isn't issuing access tokens right now ({response.status}).",
        retry_after=timedelta(minutes=2),
    )
