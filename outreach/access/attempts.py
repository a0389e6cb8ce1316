"""Counting failures in the database, and waiting after too many: sign-ins, codes, requests for a new password."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from outreach.access import lockout
from outreach.access.models import SignInFailures
from outreach.core import clock
from outreach.core.errors import Refused
from outreach.core.words import gettext as _
from outreach.core.words import ngettext


def network_address(request: HttpRequest) -> str:
    """The client's address; behind a trusted proxy (PUBLIC_BASE_URL is https) the one that the proxy saw."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def refuse_while_locked(keys: Iterable[str]) -> None:
    """Raises `Refused` (code `locked`) while one of the `keys`, keyed hashes, has to wait."""
    now = clock.now()
    row = SignInFailures.objects.filter(key__in=list(keys), locked_until__gt=now).order_by("-locked_until").first()
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
def count_attempt(key: str, *, free: int) -> None:
    """One more failure of `key`; after `free` of them in a row it has to wait, longer each time."""
    now = clock.now()
    SignInFailures.objects.get_or_create(key=key, defaults={"last_at": now})
    row = SignInFailures.objects.select_for_update().get(key=key)
    is_stale = now - row.last_at > timedelta(seconds=lockout.FORGET_AFTER_SECONDS)
    row.count = 1 if is_stale else row.count + 1
    row.last_at = now
    wait = lockout.lock_seconds(row.count, free=free)
    row.locked_until = now + timedelta(seconds=wait) if wait else None
    row.save()


def forget(key: str) -> None:
    """A success ends the count."""
    SignInFailures.objects.filter(key=key).delete()
