"""Connecting a mailbox by OAuth 2.0: a person consents at the provider and returns with a code.

The state parameter is signed and ends; the verifier stays in the person's own session, so that nobody else can finish.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import get_random_string

from conversations.channels.email import oauth_consent
from conversations.senders import services
from conversations.senders.models import Sender
from outreach.core.audit import record
from outreach.core.errors import Permanent, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

SALT = "senders.connecting"
SECONDS = 15 * 60
KEPT = "mailbox_consent"
MOST_KEPT = 5
"""Consent pages that one person may have open at once."""


@dataclass(frozen=True)
class Way:
    """What the page shows before a person leaves for the provider. `url` empty: consent page unknown."""

    url: str
    redirect_uri: str
    scope: str


def can_connect(sender: Sender) -> bool:
    """Whether this sender signs in by OAuth 2.0."""
    return sender.adapter == "smtp" and sender.settings.get("sign_in") == "xoauth2"


def redirect_uri() -> str:
    """The redirect address; the app at the provider must list it."""
    return f"{settings.PUBLIC_BASE_URL}{reverse('senders:connected')}"


def begin(*, sender: Sender, session: MutableMapping[str, Any]) -> Way:
    """The URL of the provider's consent page; its secret is kept in `session`. Raises `Refused` for other senders."""
    if not can_connect(sender):
        raise Refused(_("This sender does not sign in by OAuth 2.0."), code="no_oauth")
    number, verifier = get_random_string(16), oauth_consent.new_verifier()
    kept = dict(list(session.get(KEPT, {}).items())[-MOST_KEPT + 1 :])
    session[KEPT] = {**kept, number: verifier}
    account = services.account(sender)
    state = signing.dumps({"sender": sender.pk, "number": number}, salt=SALT)
    url = oauth_consent.consent_url(account, redirect_uri=redirect_uri(), state=state, verifier=verifier)
    return Way(url, redirect_uri(), oauth_consent.scope(account))


def sender_of(state: str) -> tuple[Sender, str]:
    """The sender that `state` was made for, and the number of its secret. Raises `Refused` for what is forged or old."""
    try:
        value = signing.loads(state, salt=SALT, max_age=SECONDS)
        return Sender.objects.get(pk=value["sender"]), str(value["number"])
    except signing.SignatureExpired as error:
        raise Refused(_("This took longer than 15 minutes. Connect the mailbox again."), code="state_old") from error
    except (signing.BadSignature, Sender.DoesNotExist) as error:
        raise Refused(
            _("This link is not valid. Open the sender and connect the mailbox from there."),
            code="state_forged",
        ) from error


def finish(
    *, sender: Sender, number: str, code: str, error: str, session: MutableMapping[str, Any], actor: Actor
) -> None:
    """Exchange the code for a refresh token and seal it; the sender then needs verification.

    Raises `Refused` when it was not started in this session or the person said no, `Permanent` and `Retryable` for what
    the provider answers. A secret serves once.
    """
    kept = dict(session.get(KEPT, {}))
    verifier = kept.pop(number, "")
    session[KEPT] = kept
    if not verifier:
        raise Refused(
            _("This sign-in link has expired or was opened in another browser. Connect the mailbox again."),
            code="not_begun",
        )
    if error == "access_denied":
        raise Refused(_("Access was not granted. Nothing has changed."), code="denied")
    if error or not code:
        raise Permanent(_("The provider refused: %(reason)s.") % {"reason": error[:100] or "?"}, code="refused")
    account = services.account(sender)
    token = oauth_consent.refresh_token(account, code=code, redirect_uri=redirect_uri(), verifier=verifier)
    services.update_sender(sender=sender, actor=actor, credentials={"refresh_token": token})
    record("sender.connected", subject=sender, actor=actor)
