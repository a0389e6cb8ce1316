"""Signing in with name and password, with a growing wait after failures. The form and the token endpoint both call it."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest

from outreach.access import lockout
from outreach.access.attempts import count_attempt, forget, network_address, refuse_while_locked
from outreach.access.models import User
from outreach.core.audit import record
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _


def sign_in(*, request: HttpRequest, username: str, password: str) -> User:
    """The user with this name and password, who may have to show a second factor yet.

    Raises `Refused` (code `locked`) while the name or the address must wait, `Invalid` when name and password do not
    match; neither reveals whether the name exists.
    """
    address = network_address(request)
    keys = {
        address_digest(f"sign-in {username.strip().lower()} {address}"): lockout.FREE_FAILURES,
        address_digest(f"sign-in {address}"): lockout.FREE_FAILURES_PER_ADDRESS,
    }
    refuse_while_locked(keys)
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        forget(next(iter(keys)))
        return user
    for key, free in keys.items():
        count_attempt(key, free=free)
    known = User.objects.filter(username=username).first()
    if known is not None:
        record("user.sign_in_failed", subject=known, actor=Actor("user", known.username), data={})
    refuse_while_locked(keys)
    raise Invalid("", _("Wrong login name or password. Both are case-sensitive."), code="sign_in_failed")
