"""My notifications, and the link that ends them."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from outreach.access import mail
from outreach.access.pages import INVALID_FORM, add_problem, viewer
from outreach.core.errors import Invalid
from outreach.notifications import services
from outreach.notifications.forms import PreferencesForm


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """GET and POST /notifications/"""
    user = viewer(request)
    row = services.preferences_of(user)
    form = PreferencesForm(request.POST or None, user=user, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.choose(user=user, choice=form.choice())
        except Invalid as error:
            add_problem(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("notifications:preferences")
    context = {"form": form, "row": row, "can_send": mail.can_send(), "has_address": bool(user.email)}
    status = INVALID_FORM if form.errors else HTTPStatus.OK
    return render(request, "notifications/preferences.html", context, status=status)


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed link is the proof
@login_not_required
@require_http_methods(["GET", "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """GET and POST /notifications/off/<token>/: asks, then ends all mail to the user who was written to."""
    user = services.user_of(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.stop_mail(user=user)
    return render(request, "notifications/off.html", {"is_done": request.method == "POST", "address": user.email})
