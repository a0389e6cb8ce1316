"""Forgotten passwords: a link by mail that sets a new one, once and for an hour.

What the page says never depends on whether somebody has the address: the mail is written by a worker.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy

from outreach.access import mail, services
from outreach.access.attempts import count_attempt, refuse_while_locked
from outreach.access.models import User
from outreach.core.audit import record
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.registry import Point
from outreach.core.secrets import address_digest
from outreach.core.words import gettext as _

QUEUE: Point[Callable[[int], None]] = Point("access.reset_queue")
"""What has a worker call `send_link` with the number of a user."""
FREE_REQUESTS, FREE_REQUESTS_PER_ADDRESS = 3, 20


def link_of(user: User) -> str:
    """The path under which `user` sets a new password: for an hour, until it was used or they signed in."""
    number = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("access:new_password", args=[number, default_token_generator.make_token(user)])


@transaction.atomic
def request_link(*, email: str, network_address: str) -> None:
    """Have a link sent to whoever has this address. Raises `Refused` for too many requests from one place."""
    place, person = (address_digest(f"reset {key}") for key in (network_address, email.strip().lower()))
    refuse_while_locked([place])
    count_attempt(place, free=FREE_REQUESTS_PER_ADDRESS)
    try:
        refuse_while_locked([person])
    except Refused:
        return  # the page reads as ever: nobody learns whose inbox is full of links
    count_attempt(person, free=FREE_REQUESTS)
    for user in User.objects.filter(email__iexact=email.strip(), is_active=True)[:5]:
        record("user.password_reset_requested", subject=user, actor=Actor.system("sign-in page"))
        for put in QUEUE.entries():
            put(user.pk)


def link_for(*, user: User, actor: Actor) -> str:
    """The path of a link that an administrator passes on. Raises `Refused` for a user who may not sign in."""
    if not user.may_sign_in:
        raise Refused(_("This user is deactivated. Reactivate them first."), code="user_inactive")
    record("user.password_reset_requested", subject=user, actor=actor)
    return link_of(user)


def send_link(user: User) -> None:
    """Write to `user`. Raises `Retryable`."""
    mail.send(
        "access/mail/reset.txt",
        to=user.email,
        language=user.language,
        subject=gettext_lazy("Set a new password"),
        path=link_of(user),
        name=user.first_name or user.username,
        username=user.username,
    )


def user_of(number: str, token: str) -> User:
    """Whose link this is. Raises `Refused` for one that is used, old or made up."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(number))), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise Refused(_("This link was already used or has expired. Ask for a new one."), code="reset_link_unusable")
    return user


@transaction.atomic
def set_new_password(*, number: str, token: str, password: str) -> User:
    """Set the password and end all sessions of the user. Raises `Refused` for the link, `Invalid` for the password."""
    user = user_of(number, token)
    services.set_password(user=user, password=password, actor=Actor("user", user.username, user.pk))
    user.sessions.all().delete()
    return user
