"""The team: who may sign in, in which role, and who is invited. For administrators."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from outreach.access import invitations, mail, resetting, second_factor, services
from outreach.access.forms import InvitationForm
from outreach.access.models import Invitation, User
from outreach.access.pages import INVALID_FORM, Request, action, add_problem, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, Retryable
from outreach.core.models import Actor


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """All users and open invitations; POST invites somebody."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation, path = invitations.invite(user=viewer(request), **form.cleaned_data)
        except Invalid as error:
            add_problem(form, error)
        else:
            return _invited(request, invitation, path)
    return _team(request, form=form)


def _team(request: HttpRequest, *, form: InvitationForm | None = None, **link: str) -> HttpResponse:
    form = form or InvitationForm()
    context = {
        "form": form,
        "users": User.objects.order_by("-is_active", "username").select_related("second_factor"),
        "roles": Role.choices,
        "invitations": invitations.waiting(),
        "now": clock.now(),
        "can_send": mail.can_send(),
        **link,
    }
    response = render(request, "access/team.html", context, status=INVALID_FORM if form.errors else HTTPStatus.OK)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def _invited(request: HttpRequest, invitation: Invitation, path: str) -> HttpResponse:
    """Mail the link if mail can be sent, and show it either way: this once."""
    if mail.can_send():
        try:
            invitations.send(invitation, path, user=viewer(request))
        except Retryable as error:
            messages.warning(request, error.reason)
        else:
            messages.success(request, _("The invitation was sent to %(email)s.") % {"email": invitation.email})
    return _team(request, link=request.build_absolute_uri(path), link_for=invitation.email, link_kind="invitation")


PRESSED = action(Role.ADMINISTRATOR, back="access:users", keep=())


@PRESSED
def renew_invitation(request: Request, pk: int) -> HttpResponse:
    """POST …/invitations/<pk>/renewal/: a new link for another week, sent again."""
    invitation = get_object_or_404(Invitation, pk=pk)
    return _invited(request, invitation, invitations.renew(invitation=invitation, user=request.user))


@PRESSED
def withdraw_invitation(request: Request, pk: int) -> str:
    """POST …/invitations/<pk>/withdrawal/"""
    invitations.withdraw(invitation=get_object_or_404(Invitation, pk=pk), actor=Actor.of(request.user))
    return _("The invitation was withdrawn.")


@PRESSED
def user_role(request: Request, pk: int) -> str:
    """POST …/role/: give a user another role."""
    services.change_role(user=_user(pk), role=request.POST.get("role", ""), actor=Actor.of(request.user))
    return _("Saved.")


@PRESSED
def user_activity(request: Request, pk: int) -> str:
    """POST …/activity/: deactivate a user (`is_active=0`) or reactivate them (`is_active=1`)."""
    service = services.activate_user if request.POST.get("is_active") == "1" else services.deactivate_user
    service(user=_user(pk), actor=Actor.of(request.user))
    return _("Saved.")


@PRESSED
def reset_link(request: Request, pk: int) -> HttpResponse:
    """POST …/reset/: a link with which a user sets a new password, for the administrator to pass on."""
    user = _user(pk)
    path = resetting.link_for(user=user, actor=Actor.of(request.user))
    return _team(request, link=request.build_absolute_uri(path), link_for=user.username, link_kind="password")


@PRESSED
def second_factor_off(request: Request, pk: int) -> str:
    """POST …/second-factor/: a user who lost their phone and their recovery codes."""
    user = _user(pk)
    second_factor.turn_off(user=user, actor=Actor.of(request.user))
    return _("%(name)s can sign in with the password alone.") % {"name": user.username}


def _user(pk: int) -> User:
    return get_object_or_404(User, pk=pk)
