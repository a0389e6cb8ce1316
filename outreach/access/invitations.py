"""Invitations: an administrator names an address and a role, and that person makes their own user with a link."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from outreach.access import mail, services
from outreach.access.models import Invitation, User
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.addresses import normalise_email
from outreach.core.audit import record
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.words import gettext as _

LIFETIME = timedelta(days=7)


def waiting() -> QuerySet[Invitation]:
    """Invitations that nobody has accepted, the newest first; those that have expired can be sent again."""
    return Invitation.objects.filter(accepted_at=None).select_related("invited_by").order_by("-pk")


@transaction.atomic
def invite(*, email: str, role: str, user: User) -> tuple[Invitation, str]:
    """A new invitation and the path of its link, which can be shown now and never again.

    Raises `Invalid` for an address that is none, is invited already or belongs to a user, and for an unknown role.
    """
    if role not in Role.values:
        raise Invalid("role", _("Unknown role “%(value)s”.") % {"value": role})
    address = normalise_email(email)
    if User.objects.filter(email__iexact=address, is_active=True).exists():
        raise Invalid("email", _("A user with this address exists already."), code="email_taken")
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=address,
                role=role,
                digest=services.digest(token),
                expires_at=clock.now() + LIFETIME,
                invited_by=user,
            )
    except IntegrityError as error:
        raise Invalid(
            "email", _("This address is invited already. Send the invitation again."), code="already_invited"
        ) from error
    record("invitation.sent", subject=invitation, actor=Actor.of(user), data={"role": role})
    return invitation, _path(token)


@transaction.atomic
def renew(*, invitation: Invitation, user: User) -> str:
    """A new link for another week; the earlier one stops working. Returns its path. Raises `Refused` when accepted."""
    token = secrets.token_urlsafe(32)
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if not rows.update(digest=services.digest(token), expires_at=clock.now() + LIFETIME):
        raise Refused(_("This invitation was already accepted."), code="invitation_accepted")
    record("invitation.sent_again", subject=invitation, actor=Actor.of(user))
    return _path(token)


@transaction.atomic
def withdraw(*, invitation: Invitation, actor: Actor) -> None:
    """Make the link useless."""
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()[0]:
        record("invitation.withdrawn", subject=invitation, actor=actor)


def send(invitation: Invitation, path: str, *, user: User) -> None:
    """Write to the invited person. Raises `Retryable` when the mail server does not take it."""
    mail.send(
        "access/mail/invitation.txt",
        to=invitation.email,
        language=user.language,
        subject=gettext_lazy("You are invited to Outreach"),
        path=path,
        inviter=user.get_full_name() or user.username,
        role=invitation.get_role_display(),
        days=LIFETIME.days,
    )


def usable(token: str) -> Invitation:
    """The invitation behind `token`. Raises `Refused` when it is used, too old, withdrawn or unknown."""
    rows = Invitation.objects.filter(digest=services.digest(token), accepted_at=None, expires_at__gt=clock.now())
    invitation = rows.first()
    if invitation is None:
        raise Refused(
            _("This invitation was already used, was withdrawn or has expired. Ask for a new one."),
            code="invitation_unusable",
        )
    return invitation


@transaction.atomic
def accept(*, token: str, username: str, password: str, language: str = "", **names: str) -> User:
    """Make the invited person's user. Of two who try at once, one is `Refused`. Raises `Invalid` with the wrong field."""
    invitation = usable(token)
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=clock.now()):
        raise Refused(_("Someone else used this link first."), code="invitation_unusable")
    user = services.create_user(
        username=username,
        password=password,
        role=invitation.role,
        actor=Actor.system("invitation"),
        language=language,
        email=invitation.email,
        is_email_confirmed=True,
        **names,
    )
    record("invitation.accepted", subject=invitation, actor=Actor.of(user))
    return user


def _path(token: str) -> str:
    return reverse("access:invitation", args=[token])
