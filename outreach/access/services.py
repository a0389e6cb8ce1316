"""Use cases of access: preferences, users, keys, the first administrator, the demo login."""

from __future__ import annotations

import hashlib
import secrets
import zoneinfo
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from outreach.access.models import DEMO_LOGIN, ApiKey, SetupLink, Theme, User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

SETUP_LINK_LIFETIME = timedelta(hours=24)
API_KEY_BYTES = 32


def digest(token: str) -> str:
    """SHA-256 of a token with 256 bits of entropy."""
    return hashlib.sha256(token.encode()).hexdigest()


# -- preferences


def set_preferences(
    *,
    user: User,
    theme: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    **names: str,
) -> None:
    """Set what is given (`names`: first_name, last_name, email). Raises `Invalid` for a value that is not offered."""
    changes: dict[str, Any] = {
        name: value for name, value in names.items() if name in {"first_name", "last_name", "email"}
    }
    if theme is not None:
        if theme not in Theme.values:
            raise Invalid("theme", _("Unknown theme “%(value)s”.") % {"value": theme})
        changes["theme"] = theme
    if language is not None:
        changes["language"] = _offered_language(language)
    if time_zone is not None:
        if time_zone and time_zone not in zoneinfo.available_timezones():
            raise Invalid("time_zone", _("Unknown time zone “%(value)s”.") % {"value": time_zone})
        changes["time_zone"] = time_zone
    has_new_address = changes.get("email", user.email) != user.email
    if has_new_address:
        changes["is_email_confirmed"] = False
    for name, value in changes.items():
        setattr(user, name, value)
    with transaction.atomic():
        if changes:
            user.save(update_fields=list(changes))
        if has_new_address:
            record("user.email_changed", subject=user, actor=Actor.of(user))


def _offered_language(language: str) -> str:
    if language not in dict(settings.LANGUAGES):
        raise Invalid("language", _("The interface isn't available in “%(value)s”.") % {"value": language})
    return language


# -- users


def administrators() -> QuerySet[User]:
    """Users who can sign in and administer now; the demo login counts in the demo world only."""
    rows = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    return rows if settings.DEMO else rows.exclude(username=DEMO_LOGIN)


@transaction.atomic
def create_user(
    *, username: str, password: str | None, role: str, actor: Actor, language: str = "", **fields: Any
) -> User:
    """Create a user who may sign in at once; without a password, only at an issuer or with a passkey.

    Raises `Invalid` with the field that is wrong.
    """
    username = username.strip()
    if username == DEMO_LOGIN:
        raise Invalid("username", _("The name “demo” is reserved for the demo world."), code="username_reserved")
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid("username", _("“%(name)s” is taken.") % {"name": username}, code="username_taken")
    user = User(username=username, language=_offered_language(language or settings.LANGUAGE_CODE), **fields)
    user.set_role(_known_role(role))
    if password is not None:
        _check_password(user, password)
    user.set_password(password)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        field, faults = next(iter(error.message_dict.items()))
        raise Invalid(field, " ".join(faults)) from error
    user.save()
    record("user.created", subject=user, actor=actor, data={"role": role})
    return user


@transaction.atomic
def change_role(*, user: User, role: str, actor: Actor) -> None:
    """Give `user` another role. Raises `Refused` when no administrator would be left."""
    _keep_an_administrator(without=user if role != Role.ADMINISTRATOR else None)
    old = user.role
    user.set_role(_known_role(role))
    user.save(update_fields=["role", "is_staff", "is_superuser"])
    if old != role:
        record("user.role_changed", subject=user, actor=actor, data={"from": old, "to": role})


@transaction.atomic
def deactivate_user(*, user: User, actor: Actor) -> None:
    """Deactivate `user` at once: sessions, keys and tokens stop working. Raises `Refused` for the last administrator."""
    _keep_an_administrator(without=user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.sessions.all().delete()
    record("user.deactivated", subject=user, actor=actor)


@transaction.atomic
def activate_user(*, user: User, actor: Actor) -> None:
    """Reactivate `user`."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("user.activated", subject=user, actor=actor)


@transaction.atomic
def set_password(*, user: User, password: str, actor: Actor) -> None:
    """Set a new password; other sessions and tokens of the user end. Raises `Invalid` for a weak one."""
    _check_password(user, password)
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password_changed", subject=user, actor=actor)


def _known_role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise Invalid("role", _("Unknown role “%(value)s”.") % {"value": role}) from error


def _check_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("password", " ".join(error.messages), code="password_weak") from error


def _keep_an_administrator(*, without: User | None) -> None:
    """Locks the administrators, so that two of them cannot remove each other at the same moment."""
    if without is None:
        return
    left = list(administrators().select_for_update().order_by("pk").values_list("pk", flat=True))
    if left == [without.pk]:
        raise Refused(
            _("“%(name)s” is the last administrator. Make someone else an administrator first.")
            % {"name": without.username},
            code="last_administrator",
        )


# -- API keys


@transaction.atomic
def create_api_key(
    *, user: User, name: str, actor: Actor, scope: str = "", days: int | None = None
) -> tuple[ApiKey, str]:
    """A new key of `user` and its text, which is shown now and never again.

    `scope` is the role that it is held to (empty: the user's own), `days` how long it serves (None: until revoked).
    """
    name = name.strip()
    if not name:
        raise Invalid("name", _("Enter what the key is for, so you can tell later which one to revoke."))
    text = f"ok_{secrets.token_urlsafe(API_KEY_BYTES)}"
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=text[:11],
        digest=digest(text),
        scope=_known_role(scope) if scope else "",
        expires_at=clock.now() + timedelta(days=days) if days else None,
    )
    record("api_key.created", subject=key, actor=actor, data={"scope": scope, "days": days})
    return key, text


@transaction.atomic
def revoke_api_key(*, key: ApiKey, actor: Actor) -> None:
    """Make `key` useless at once; revoking again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        record("api_key.revoked", subject=key, actor=actor)


# -- the first administrator


@transaction.atomic
def create_setup_link() -> str | None:
    """The path with which the first administrator is created, valid once and for 24 hours; earlier links end.

    None when there is an administrator.
    """
    if administrators().exists():
        return None
    SetupLink.objects.filter(used_at=None).delete()
    token = secrets.token_urlsafe(32)
    SetupLink.objects.create(digest=digest(token), expires_at=clock.now() + SETUP_LINK_LIFETIME)
    return reverse("access:setup", args=[token])


def usable_setup_link(token: str) -> SetupLink:
    """The link behind `token`. Raises `Refused` when it is used, too old, unknown, or no longer needed."""
    link = SetupLink.objects.filter(digest=digest(token), used_at=None, expires_at__gt=clock.now()).first()
    if link is None or administrators().exists():
        raise Refused(
            _(
                "This link was already used or has expired. Restart the product: it prints a new link as long as "
                "there is no administrator."
            ),
            code="setup_link_unusable",
        )
    return link


@transaction.atomic
def use_setup_link(*, token: str, username: str, password: str) -> User:
    """Create the first administrator. Of two who try at once, one is `Refused`."""
    link = usable_setup_link(token)
    if not SetupLink.objects.filter(pk=link.pk, used_at=None).update(used_at=clock.now()):
        raise Refused(_("Someone else used this link first."), code="setup_link_unusable")
    return create_user(username=username, password=password, role=Role.ADMINISTRATOR, actor=Actor.system("setup link"))


# -- the demo world


def ensure_demo_user() -> User:
    """The login `demo` / `demo`. Raises `Refused` outside the demo world, where no one can sign in by this name."""
    if not settings.DEMO:
        raise Refused(_("The demo login only exists in the demo world."), code="not_demo")
    defaults: dict[str, Any] = {"first_name": "Demo"}
    user, _is_new = User.objects.get_or_create(username=DEMO_LOGIN, defaults=defaults)
    user.set_role(Role.ADMINISTRATOR)
    user.is_active = True
    if not user.check_password(DEMO_LOGIN):
        user.set_password(DEMO_LOGIN)
    user.save()
    return user
