"""Asking a mail provider for a refresh token: the authorization code flow of OAuth 2.0 with PKCE.

RFC 6749, section 4.1, and RFC 7636 (S256). The person consents at the provider, which sends them back with a code; only
who has the verifier can turn the code into tokens.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from conversations.channels.base import Account
from conversations.channels.email import oauth
from outreach.core.errors import OutreachError, Permanent, Retryable
from outreach.core.words import gettext as _
from outreach.web.sessions import post_form

TIMEOUT_SECONDS = 20


def new_verifier() -> str:
    """A secret of 43 characters that never leaves this side before the code is exchanged."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """The verifier's SHA-256, as sent to the provider."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def consent_url(account: Account, *, redirect_uri: str, state: str, verifier: str) -> str:
    """The provider's consent page for this mailbox; empty when unknown."""
    page = oauth.authorize_url(account)
    if not page:
        return ""
    provider = oauth.provider(account)
    query = {
        "response_type": "code",
        "client_id": oauth.client(account)[0],
        "redirect_uri": redirect_uri,
        "scope": scope(account),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "login_hint": account.address,
        **provider.parameters,
    }
    return f"{page}{'&' if urlsplit(page).query else '?'}{urlencode({k: v for k, v in query.items() if v})}"


def scope(account: Account) -> str:
    return str(account.settings.get("oauth_scope") or "") or oauth.provider(account).scope


def refresh_token(account: Account, *, code: str, redirect_uri: str, verifier: str) -> str:
    """The refresh token that `code` buys.

    Raises `Permanent` when the provider refuses, grants too little or gives no refresh token; `Retryable` when it
    cannot be reached.
    """
    answer = _exchange(account, code=code, redirect_uri=redirect_uri, verifier=verifier)
    provider = oauth.provider(account)
    granted = str(answer.get("scope") or "").split()
    if granted and provider.needed_scope and provider.needed_scope not in granted:
        raise Permanent(
            _("Permission to send mail was not granted. Connect the mailbox again and allow everything requested."),
            code="scope_missing",
        )
    token = answer.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise Permanent(
            _(
                "The provider returned no refresh token. Request offline access in the scope, or remove the "
                "app's access in the account's settings and connect the mailbox again."
            ),
            code="no_refresh_token",
        )
    return token


def _exchange(account: Account, *, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
    client_id, client_secret = oauth.client(account)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "code_verifier": verifier,
    }
    if client_secret:
        form["client_secret"] = client_secret
    url = oauth.token_url(account)
    host = urlsplit(url).hostname
    try:
        response = post_form(url, form, bounds=oauth.bounds(TIMEOUT_SECONDS))
        answer = json.loads(response.body)
    except (OutreachError, ValueError) as error:
        raise Retryable(
            _("%(host)s isn't answering right now. Try connecting the mailbox again later.") % {"host": host},
            code="no_token",
        ) from error
    if response.status == 200 and isinstance(answer, dict):
        return answer
    if response.status == 429 or response.status >= 500:
        raise Retryable(
            _("%(host)s isn't answering right now. Try connecting the mailbox again later.") % {"host": host},
            code="no_token",
        )
    reason = str(answer.get("error") or "") if isinstance(answer, dict) else ""
    raise Permanent(
        _("%(host)s rejected the sign-in (%(reason)s). Check client ID, client secret and redirect address.")
        % {"host": host, "reason": reason or response.status},
        code=reason or "refused",
    )
