"""Pages of one's own account: profile, password, second factor, sessions, API keys."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from outreach.access import external, passkey_views, second_factor, services, sessions
from outreach.access.attempts import network_address
from outreach.access.forms import ApiKeyForm, CodeForm, ConfirmForm, PasswordForm, PreferencesForm
from outreach.access.models import ApiKey, Session, User
from outreach.access.pages import INVALID_FORM, Request, action, add_problem, own_page, problems_in, viewer
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor

SHORT_KEY = 12
"""So much of a session's key names it on a page: too little to use it."""


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Theme and language from the account menu; returns to the previous page."""
    services.set_preferences(
        user=viewer(request), theme=request.POST.get("theme"), language=request.POST.get("language")
    )
    return redirect(own_page(request, request.POST.get("next", "")))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am, how pages look to me, my keys."""
    user = viewer(request)
    if request.method == "GET":
        return _profile(request)
    form = PreferencesForm(request.POST, auto_id="preferences_%s")
    if form.is_valid():
        services.set_preferences(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("access:profile")
    return _profile(request, preferences_form=form)


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change my password; this session stays."""
    user = viewer(request)
    form = PasswordForm(request.POST, auto_id="password_%s")
    if form.is_valid():
        if not user.check_password(form.cleaned_data["current"]):
            form.add_error("current", _("That is not your current password."))
        else:
            try:
                services.set_password(user=user, password=form.cleaned_data["password"], actor=Actor.of(user))
            except Invalid as error:
                add_problem(form, error)
            else:
                update_session_auth_hash(request, user)
                sessions.end(user=user, keys=_other_sessions(request, user), actor=Actor.of(user))
                messages.success(request, _("Password changed."))
                return redirect("access:profile")
    return _profile(request, password_form=form)


@require_POST
def create_key(request: HttpRequest) -> HttpResponse:
    """Create a key; its text is shown in this response only."""
    user = viewer(request)
    form = ApiKeyForm(request.POST, auto_id="key_%s")
    if form.is_valid():
        _key, text = services.create_api_key(user=user, actor=Actor.of(user), **form.cleaned_data)
        return _profile(request, new_key=text)
    return _profile(request, key_form=form)


@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of my keys; administrators may revoke anyone's."""
    user = viewer(request)
    keys = ApiKey.objects.all() if user.has_role(Role.ADMINISTRATOR) else user.api_keys.all()
    services.revoke_api_key(key=get_object_or_404(keys, pk=pk), actor=Actor.of(user))
    messages.success(request, _("Key revoked."))
    return redirect("access:profile")


@action(Role.VIEWER, back="access:profile", keep=())
def disconnect_login(request: Request, pk: int) -> str:
    """Stop signing in at an issuer."""
    link = get_object_or_404(request.user.external_logins, pk=pk)
    external.disconnect(link=link, actor=Actor.of(request.user))
    return _("Disconnected.")


@require_http_methods(["GET", "POST"])
def second_factor_on(request: HttpRequest) -> HttpResponse:
    """Put the secret into an app, prove it with a code, and keep the recovery codes, which are shown once."""
    user = viewer(request)
    try:
        enrolment = second_factor.begin(user)
    except Refused as error:
        messages.error(request, error.reason)
        return redirect("access:profile")
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = _("Six digits from the app.")
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.turn_on(user=user, code=form.cleaned_data["code"])
        except Invalid as error:
            add_problem(form, error)
        else:
            return _recovery_codes(request, codes)
    context = {"form": form, "enrolment": enrolment}
    status = INVALID_FORM if form.errors else HTTPStatus.OK
    return no_store(render(request, "access/second_factor.html", context, status=status))


@require_http_methods(["GET", "POST"])
def second_factor_change(request: HttpRequest, change: str) -> HttpResponse:
    """Turn the second factor off, or make new recovery codes; both ask for the password, or a code, once more."""
    user = viewer(request)
    if not second_factor.is_on(user):
        return redirect("access:profile")
    form = (ConfirmForm if user.has_usable_password() else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with problems_in(form):
            _confirm(request, user, **form.cleaned_data)
            if change == "codes":
                return _recovery_codes(request, second_factor.new_recovery_codes(user=user, actor=Actor.of(user)))
            second_factor.turn_off(user=user, actor=Actor.of(user))
            messages.success(request, _("The second factor is off."))
            return redirect("access:profile")
    context = {
        "form": form,
        "title": _("New recovery codes") if change == "codes" else _("Turn off the second factor"),
        "list_url": reverse("access:profile"),
        "list_name": _("Profile"),
        "back_url": reverse("access:profile"),
    }
    return render(request, "access/confirm.html", context, status=INVALID_FORM if form.errors else HTTPStatus.OK)


def _confirm(request: HttpRequest, user: User, *, current: str = "", code: str = "") -> None:
    """Raises `Invalid` for a wrong password; for one without a password a code of the app, or `Refused` while locked."""
    if not user.has_usable_password():
        second_factor.check(user=user, code=code, network_address=network_address(request))
    elif not user.check_password(current):
        raise Invalid("current", _("That is not your current password."))


def _recovery_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    return no_store(render(request, "access/recovery_codes.html", {"codes": codes}))


@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out one of my sessions (`session`), or all but this one."""
    user = viewer(request)
    rows = _other_sessions(request, user)
    if number := request.POST.get("session"):
        rows = rows.filter(pk__startswith=number) if len(number) == SHORT_KEY else rows.none()
    count = sessions.end(user=user, keys=rows, actor=Actor.of(user))
    messages.success(
        request, ngettext("%(n)d session was signed out.", "%(n)d sessions were signed out.", count) % {"n": count}
    )
    return redirect("access:profile")


def _other_sessions(request: HttpRequest, user: User) -> QuerySet[Session]:
    return user.sessions.exclude(pk=request.session.session_key or "")


def _sessions(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """What the profile shows of each session: a beginning of its key, which signs nobody in, names it."""
    return [
        {
            "number": row.pk[:SHORT_KEY],
            "device": sessions.device_name(row.agent),
            "network_address": row.network_address,
            "seen_at": row.seen_at,
            "is_this": row.pk == request.session.session_key,
        }
        for row in sessions.sessions_of(user)[:50]
    ]


def no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _profile(request: HttpRequest, *, new_key: str = "", **forms: Form) -> HttpResponse:
    user = viewer(request)
    context = {
        "preferences_form": PreferencesForm.of(user),
        "password_form": PasswordForm(auto_id="password_%s"),
        "key_form": ApiKeyForm(auto_id="key_%s"),
        "has_second_factor": second_factor.is_on(user),
        "recovery_codes_left": user.recovery_codes.filter(used_at=None).count(),
        "sessions": _sessions(request, user),
        "passkeys": user.passkeys.order_by("-pk"),
        "installation": passkey_views.site_of(request),
        "logins": [(link, external.label_of_issuer(link.issuer)) for link in user.external_logins.order_by("pk")],
        "issuers": [(name, external.label_of(name)) for name in external.issuers()],
        "new_key": new_key,
        "keys": user.api_keys.order_by("revoked_at", "-pk"),
        **forms,
    }
    has_faults = any(form.errors for form in forms.values())
    response = render(request, "access/profile.html", context, status=INVALID_FORM if has_faults else HTTPStatus.OK)
    return no_store(response) if new_key else response
