"""The pages before somebody is signed in: name and password, second step, forgotten password, invitation, setup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from outreach.access import external, invitations, mail, passkey_views, resetting, second_factor, services, sessions
from outreach.access.attempts import network_address
from outreach.access.forms import AcceptForm, CodeForm, ForgottenForm, NewPasswordForm, SetupForm, SignInForm
from outreach.access.models import User
from outreach.access.pages import INVALID_FORM, add_problem, problems_in
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused

PENDING = "second_step"
PENDING_LIFETIME = timedelta(minutes=10)


def open_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for strangers that no cache keeps: its address may hold a token."""
    return login_not_required(never_cache(require_http_methods(["GET", "POST"])(view)))


@method_decorator(login_not_required, name="dispatch")
class SignInView(auth_views.LoginView):
    """Name and password; a user with a second factor is asked for a code before anything opens."""

    redirect_authenticated_user = True
    authentication_form = SignInForm

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        return enter(self.request, user, page=self.get_success_url(), time_zone=form.cleaned_data["time_zone"])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        labels = [(name, external.label_of(name)) for name in external.issuers()]
        return super().get_context_data(issuers=labels, installation=passkey_views.site_of(self.request), **context)


def enter(request: HttpRequest, user: User, *, page: str, time_zone: str = "") -> HttpResponse:
    """Open `page` for `user`, who proved who they are; with a second factor on, ask for a code first."""
    if not second_factor.is_on(user):
        sessions.begin(request, user, time_zone=time_zone)
        return redirect(page)
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "until": (clock.now() + PENDING_LIFETIME).timestamp(),
        "next": page,
        "time_zone": time_zone,
    }
    return redirect("access:second_step")


@open_page
def second_step(request: HttpRequest) -> HttpResponse:
    """The code of the authenticator app, within ten minutes of the password."""
    pending = request.session.get(PENDING, {})
    user = User.objects.filter(pk=pending.get("user"), is_active=True).first()
    is_fresh = pending.get("until", 0) > clock.now().timestamp()
    if user is None or not is_fresh or pending["password"] != user.get_session_auth_hash():
        request.session.pop(PENDING, None)
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            second_factor.check(user=user, network_address=network_address(request), **form.cleaned_data)
            del request.session[PENDING]
            sessions.begin(request, user, time_zone=pending["time_zone"])
            return redirect(pending["next"])
    return _page(request, "access/second_step.html", form)


@login_not_required
@require_GET
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin has no login page of its own: strangers go to ours, those without the role are told so."""
    if request.user.is_authenticated:
        raise PermissionDenied
    query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
    return redirect(f"{reverse('login')}?{query}")


@open_page
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first administrator's one-time link."""
    try:
        services.usable_setup_link(token)
    except Refused as error:
        return _dead_link(request, error)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        zone = values.pop("time_zone")
        with problems_in(form):
            user = services.use_setup_link(token=token, **values)
            sessions.begin(request, user, time_zone=zone)
            messages.success(request, _("Welcome. You are the first administrator."))
            return redirect("home")
    return _page(request, "access/setup.html", form)


@open_page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person chooses a login name and a password and is signed in."""
    try:
        invited = invitations.usable(token)
    except Refused as error:
        return _dead_link(request, error)
    form = AcceptForm(request.POST or None, initial={"username": invited.email.partition("@")[0]})
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        zone = values.pop("time_zone")
        with problems_in(form):
            user = invitations.accept(token=token, language=get_language() or "", **values)
            sessions.begin(request, user, time_zone=zone)
            messages.success(request, _("Welcome. Your user is ready."))
            return redirect("home")
    return _page(request, "access/invitation.html", form, invited=invited)


@open_page
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same for every address."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            resetting.request_link(network_address=network_address(request), **form.cleaned_data)
        except Refused as error:
            add_problem(form, error)
        else:
            return _page(request, "access/forgotten.html", form, asked_for=form.cleaned_data["email"])
    return _page(request, "access/forgotten.html", form, can_send=mail.can_send())


@open_page
def new_password(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Set a new password with the link from the mail; all sessions end, and the user signs in again."""
    try:
        user = resetting.user_of(number, token)
    except Refused as error:
        return _dead_link(request, error)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            resetting.set_new_password(number=number, token=token, **form.cleaned_data)
            messages.success(request, _("Your password was changed. Sign in with the new one."))
            return redirect("login")
    return _page(request, "access/new_password.html", form, username=user.username)


def _page(request: HttpRequest, template: str, form: object, **context: object) -> HttpResponse:
    status = INVALID_FORM if getattr(form, "errors", None) else 200
    return render(request, template, {"form": form, **context}, status=status)


def _dead_link(request: HttpRequest, error: OutreachError) -> HttpResponse:
    return render(request, "access/dead_link.html", {"error": error}, status=410)
