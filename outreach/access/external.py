"""Signing in at an OpenID Connect issuer: authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0).

Authlib speaks the protocol and checks the signed token; this module says whose user a person at an issuer is. Issuers
are named in `outreach.toml`, so their addresses are the operator's own and may be inside the network.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import requests
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from outreach.access import services
from outreach.access.models import DEMO_LOGIN, ExternalLogin, Invitation, User
from outreach.access.roles import RANK, Role
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.operating import Issuer

SCOPE = "openid email profile"
TIMEOUT_SECONDS = 10
LEEWAY_SECONDS = 60
UNVERIFIED = (OAuthError, JoseError, requests.RequestException, RuntimeError, ValueError, KeyError, TypeError)
"""What Authlib raises for an answer that is wrong, missing, late or not JSON."""


@dataclass(frozen=True)
class Person:
    """What an issuer's checked token says about somebody."""

    subject: str
    email: str
    is_verified: bool
    first_name: str
    last_name: str
    groups: frozenset[str]


def issuers() -> dict[str, Issuer]:
    """The issuers at which people can sign in, by name."""
    found: dict[str, Issuer] = settings.OUTREACH.sign_in.issuers
    return found


def label_of(name: str) -> str:
    return issuers()[name].label or name.capitalize()


def label_of_issuer(address: str) -> str:
    """The label of the issuer with this address; the address itself when it is not configured any more."""
    return next((label_of(name) for name, issuer in issuers().items() if issuer.issuer == address), address)


# -- the protocol


def _client(name: str) -> DjangoOAuth2App:
    issuer = issuers()[name]
    return OAuth().register(
        name,
        client_id=issuer.client_id,
        client_secret=os.environ.get(issuer.client_secret_env) or None,
        server_metadata_url=f"{issuer.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": TIMEOUT_SECONDS},
    )


def ask(request: HttpRequest, *, name: str, back: str) -> HttpResponse:
    """Send the browser to the issuer, which sends it to `back`. Raises `Refused` when the issuer does not answer."""
    try:
        response: HttpResponse = _client(name).authorize_redirect(request, back)
    except UNVERIFIED as error:
        structlog.get_logger(__name__).warning("sign_in.issuer_failed", issuer=name, error=str(error))
        raise Refused(
            _("%(issuer)s can't be reached right now. Try again in a moment, or sign in another way.")
            % {"issuer": label_of(name)},
            code="issuer_unreachable",
        ) from error
    return response


def answer(request: HttpRequest, *, name: str) -> Person:
    """Who came back from the issuer. Raises `Refused` when they were not let through or the answer is not sound."""
    issuer, client = issuers()[name], _client(name)
    try:
        token = client.authorize_access_token(
            request,
            leeway=LEEWAY_SECONDS,
            claims_options={
                "iss": {"essential": True, "values": [issuer.issuer]},
                "aud": {"essential": True, "values": [issuer.client_id]},
            },
        )
        claims: dict[str, Any] = dict(token["userinfo"])
        if "email" not in claims and "userinfo_endpoint" in client.load_server_metadata():
            more = client.userinfo(token=token)
            if more.get("sub") == claims["sub"]:
                claims = {**more, **claims}
        return person_of(claims, issuer)
    except UNVERIFIED as error:
        structlog.get_logger(__name__).warning("sign_in.answer_refused", issuer=name, error=repr(error))
        sentence = (
            _("%(issuer)s did not let you in. Try again, or sign in another way.")
            if getattr(error, "error", "") == "access_denied"
            else _("The answer of %(issuer)s could not be verified. Start again from this page.")
        )
        raise Refused(sentence % {"issuer": label_of(name)}, code="issuer_answer_refused") from error


def person_of(claims: dict[str, Any], issuer: Issuer) -> Person:
    """The person behind checked claims. Raises `ValueError` for claims of a wrong shape."""
    subject, email = claims["sub"], claims.get("email") or ""
    groups = claims.get(issuer.roles_claim) or []
    if not (isinstance(subject, str) and subject and isinstance(email, str)):
        raise ValueError("sub and email have to be text")
    is_verified = claims.get("email_verified") in (True, "true") or claims.get("xms_edov") in (True, 1, "1", "true")
    return Person(
        subject=subject,
        email=email.strip().lower(),
        is_verified=is_verified or issuer.trusts_address,
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
        groups=frozenset([groups] if isinstance(groups, str) else map(str, groups)),
    )


# -- whose user that is


def user_for(*, name: str, person: Person, language: str = "") -> User:
    """The user of a person at the issuer `name`; made, or found by address, when they sign in for the first time.

    Raises `Refused` with a sentence for them when they may not sign in.
    """
    try:
        return _user_for(name, person, language)
    except IntegrityError:  # they signed in for the first time in two tabs
        return _user_for(name, person, language)


@transaction.atomic
def _user_for(name: str, person: Person, language: str) -> User:
    issuer = issuers()[name]
    role = role_of(person, issuer)
    link = ExternalLogin.objects.select_related("user").filter(issuer=issuer.issuer, subject=person.subject).first()
    if issuer.roles and not role:
        raise _not_allowed(person)
    if link is None:
        user = _known_user(name, person) or _new_user(name, person, role, language)
        link = _link(user, issuer, person)
    user = link.user
    if not user.may_sign_in:
        raise Refused(_("This user may not sign in. Ask an administrator."), code="user_inactive")
    if issuer.roles and role and user.role != role:
        try:
            services.change_role(user=user, role=role, actor=Actor.system(label_of(name)))
        except Refused as error:  # the last administrator stays one, whatever the directory says
            structlog.get_logger(__name__).warning("sign_in.role_kept", user=user.pk, reason=str(error.reason))
    ExternalLogin.objects.filter(pk=link.pk).update(last_used_at=clock.now())
    return user


def role_of(person: Person, issuer: Issuer) -> str:
    """The highest role that the person's groups give, else the issuer's own; empty for one who gets none."""
    roles = [Role(role) for group, role in issuer.roles.items() if group in person.groups]
    return max(roles, key=RANK.__getitem__) if roles else issuer.role


@transaction.atomic
def connect(*, user: User, name: str, person: Person) -> None:
    """Let a signed-in user sign in at the issuer from now on. Raises `Refused` when that is somebody else's."""
    issuer = issuers()[name]
    link = ExternalLogin.objects.filter(issuer=issuer.issuer, subject=person.subject).first()
    if link is None:
        _link(user, issuer, person)
    elif link.user_id != user.pk:
        raise Refused(
            _("This person at %(issuer)s already signs in as another user.") % {"issuer": label_of(name)},
            code="already_connected",
        )


@transaction.atomic
def disconnect(*, link: ExternalLogin, actor: Actor) -> None:
    """Stop signing in this way. Raises `Refused` when there would be no way left."""
    user = link.user
    others = user.external_logins.exclude(pk=link.pk).exists()
    if not (user.has_usable_password() or others or user.passkeys.exists()):
        raise Refused(_("This is your only way to sign in. Set a password or add a passkey first."), code="last_way")
    if ExternalLogin.objects.filter(pk=link.pk).delete()[0]:
        record("user.login_disconnected", subject=user, actor=actor, data={"issuer": link.issuer})


def _link(user: User, issuer: Issuer, person: Person) -> ExternalLogin:
    link = ExternalLogin.objects.create(user=user, issuer=issuer.issuer, subject=person.subject, email=person.email)
    record("user.login_connected", subject=user, actor=Actor.of(user), data={"issuer": issuer.issuer})
    return link


def _known_user(name: str, person: Person) -> User | None:
    """The one user whose address this is, proven on both sides. Raises `Refused` when it is not."""
    if not (person.email and person.is_verified):
        raise Refused(
            _("%(issuer)s did not say that your e-mail address is verified. Verify it there, then try again.")
            % {"issuer": label_of(name)},
            code="address_unverified",
        )
    known = list(User.objects.filter(email__iexact=person.email)[:2])
    if not known:
        return None
    if len(known) == 1 and known[0].is_email_confirmed:
        return known[0]
    raise Refused(
        _("%(email)s belongs to a user here. Sign in as before, then connect %(issuer)s on your profile.")
        % {"email": person.email, "issuer": label_of(name)},
        code="connect_first",
    )


def _new_user(name: str, person: Person, role: str, language: str) -> User:
    issuer, invited = issuers()[name], _invitation(person)
    if invited is not None:
        role = role if issuer.roles else invited.role
    elif not role or person.email.rpartition("@")[2] not in {domain.lower() for domain in issuer.domains}:
        raise _not_allowed(person)
    user = services.create_user(
        username=_free_username(person.email),
        password=None,
        role=role,
        actor=Actor.system(label_of(name)),
        language=language,
        email=person.email,
        is_email_confirmed=True,
        first_name=person.first_name,
        last_name=person.last_name,
    )
    if invited is not None:
        Invitation.objects.filter(pk=invited.pk).update(accepted_at=clock.now())
        record("invitation.accepted", subject=invited, actor=Actor.of(user))
    return user


def _invitation(person: Person) -> Invitation | None:
    """The open invitation to this verified address."""
    if not (person.email and person.is_verified):
        return None
    rows = Invitation.objects.filter(email__iexact=person.email, accepted_at=None, expires_at__gt=clock.now())
    return rows.select_for_update().first()


def _not_allowed(person: Person) -> Refused:
    return Refused(
        _("%(email)s may not sign in here. Ask an administrator for an invitation.")
        % {"email": person.email or person.subject},
        code="not_allowed",
    )


def _free_username(email: str) -> str:
    """The part before the @, with a number where that is taken."""
    name = re.sub(r"[^\w.+-]", "", email.partition("@")[0])[:140] or "user"
    taken = {
        taken.lower() for taken in User.objects.filter(username__istartswith=name).values_list("username", flat=True)
    }
    taken.add(DEMO_LOGIN)
    number = 1
    while (candidate := name if number == 1 else f"{name}{number}").lower() in taken:
        number += 1
    return candidate
