"""Pages for signing in, the first administrator, one's own profile and keys, and users."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from outreach.access import services
from outreach.access.forms import ApiKeyForm, PasswordForm, PreferencesForm, SetupForm, UserForm
from outreach.access.models import ApiKey, User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core.errors import Invalid, OutreachError, Refused
from outreach.core.models import Actor


def viewer(request: HttpRequest) -> User:
    """The signed-in user. The middleware lets no one else through."""
    assert isinstance(request.user, User)
    return request.user


def add_problem(form: Form, error: OutreachError) -> None:
    """Put a typed error beside the field that it names, else above the form."""
    field = error.field if isinstance(error, Invalid) and error.field in form.fields else None
    form.add_error(field, error.reason)


@login_not_required
@require_GET
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The admin has no login page of its own: strangers go to ours, those without the role are told so."""
    if request.user.is_authenticated:
        raise PermissionDenied
    query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
    return redirect(f"{reverse('login')}?{query}")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first administrator's one-time link."""
    try:
        services.usable_setup_link(token)
    except Refused as error:
        return render(request, "access/setup.html", {"error": error}, status=410)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.use_setup_link(token=token, **form.cleaned_data)
        except OutreachError as error:
            add_problem(form, error)
        else:
            start_session(request, user)
            messages.success(request, _("Welcome. You are the first administrator."))
            return redirect("home")
    return render(request, "access/setup.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Theme and language from the account menu; returns to the previous page."""
    services.set_preferences(
        user=viewer(request), theme=request.POST.get("theme"), language=request.POST.get("language")
    )
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(back if is_ours else reverse("home"))


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who I am, how pages look to me, my keys."""
    user = viewer(request)
    if request.method == "GET":
        return _profile(request)
    form = PreferencesForm(request.POST)
    if form.is_valid():
        services.set_preferences(user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("access:profile")
    return _profile(request, preferences_form=form)


@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change my password; this session stays."""
    user = viewer(request)
    form = PasswordForm(request.POST)
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
                messages.success(request, _("Password changed."))
                return redirect("access:profile")
    return _profile(request, password_form=form)


@require_POST
def create_key(request: HttpRequest) -> HttpResponse:
    """Create a key; its text is shown in this response only."""
    user = viewer(request)
    form = ApiKeyForm(request.POST)
    if form.is_valid():
        _key, text = services.create_api_key(user=user, name=form.cleaned_data["name"], actor=Actor.of(user))
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


def _profile(request: HttpRequest, *, new_key: str = "", **forms: Form) -> HttpResponse:
    user = viewer(request)
    context = {
        "preferences_form": PreferencesForm.of(user),
        "password_form": PasswordForm(),
        "key_form": ApiKeyForm(),
        "new_key": new_key,
        "keys": user.api_keys.order_by("revoked_at", "-pk"),
        **forms,
    }
    has_faults = any(form.errors for form in forms.values())
    response = render(request, "access/profile.html", context, status=422 if has_faults else 200)
    if new_key:
        response["Cache-Control"] = "no-store"
    return response


@role_required(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def users(request: HttpRequest) -> HttpResponse:
    """All users; POST adds one."""
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.create_user(actor=Actor.of(viewer(request)), **form.cleaned_data)
        except Invalid as error:
            add_problem(form, error)
        else:
            messages.success(request, _("%(name)s can sign in now.") % {"name": user.username})
            return redirect("access:users")
    rows = User.objects.order_by("-is_active", "username")
    context = {"form": form, "users": rows, "roles": Role.choices}
    return render(request, "access/users.html", context, status=422 if form.errors else 200)


@role_required(Role.ADMINISTRATOR)
@require_POST
def user_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a user another role."""
    user = get_object_or_404(User, pk=pk)
    return _change(request, services.change_role, user=user, role=request.POST.get("role", ""))


@role_required(Role.ADMINISTRATOR)
@require_POST
def user_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a user (`is_active=0`) or reactivate them (`is_active=1`)."""
    service = services.activate_user if request.POST.get("is_active") == "1" else services.deactivate_user
    return _change(request, service, user=get_object_or_404(User, pk=pk))


def _change(request: HttpRequest, service: Callable[..., None], *, user: User, **arguments: str) -> HttpResponse:
    try:
        service(user=user, actor=Actor.of(viewer(request)), **arguments)
    except (Invalid, Refused) as error:
        messages.error(request, error.reason)
    else:
        messages.success(request, _("Saved."))
    return redirect("access:users")
