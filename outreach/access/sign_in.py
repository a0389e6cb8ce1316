"""Signing in with name and password, with a growing wait after failures. The form and the token endpoint both call it."""

from __future__ import annotations

import math
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outreach.access import lockout
from outreach.access.models import SignInFailures, User
from outreach.core import clock
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.secrets import address_digest


def network_address(request: HttpRequest) -> str:
    """The client's address; behind a trusted proxy (PUBLIC_BASE_URL is https) the one that the proxy saw."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def sign_in(*, request: HttpRequest, username: str, password: str) -> User:
    """The user with this name and password.

    Raises `Refused` (code `locked`) while the name or the address must wait, `Invalid` when name and password do not
    match; neither reveals whether the name exists.
    """
    address = network_address(request)
    keys = {
        address_digest(f"sign-in {username.strip().lower()} {address}"): lockout.FREE_FAILURES,
        address_digest(f"sign-in {address}"): lockout.FREE_FAILURES_PER_ADDRESS,
    }
    _refuse_while_locked(list(keys))
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        SignInFailures.objects.filter(key=next(iter(keys))).delete()
        return user
    for key, free in keys.items():
        _count_failure(key, free=free)
    known = User.objects.filter(username=username).first()
    if known is not None:
        record("user.sign_in_failed", subject=known, actor=Actor("user", known.username), data={})
    _refuse_while_locked(list(keys))
    raise Invalid("", _("Wrong login name or password. Both are case-sensitive."), code="sign_in_failed")


def _refuse_while_locked(keys: list[str]) -> None:
    now = clock.now()
    row = SignInFailures.objects.filter(key__in=keys, locked_until__gt=now).order_by("-locked_until").first()
    if row is None or row.locked_until is None:
        return
    seconds = math.ceil((row.locked_until - now).total_seconds())
    if seconds <= 90:
        wait = ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    else:
        minutes = math.ceil(seconds / 60)
        wait = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    raise Refused(_("Too many failed attempts. Try again in %(wait)s.") % {"wait": wait}, code="locked")


@transaction.atomic
def _count_failure(key: str, *, free: int) -> None:
    now = clock.now()
    SignInFailures.objects.get_or_create(key=key, defaults={"last_at": now})
    row = SignInFailures.objects.select_for_update().get(key=key)
    is_stale = now - row.last_at > timedelta(seconds=lockout.FORGET_AFTER_SECONDS)
    row.count = 1 if is_stale else row.count + 1
    row.last_at = now
    wait = lockout.lock_seconds(row.count, free=free)
    row.locked_until = now + timedelta(seconds=wait) if wait else None
    row.save()
