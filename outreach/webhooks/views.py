"""Settings → Webhooks: receivers, their deliveries, tests and replays."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from outreach.access.pages import INVALID_FORM, Request, action, add_problem, viewer
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.paging import newest
from outreach.events import kinds
from outreach.webhooks import services
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.forms import ReplayForm, SubscriptionForm, TestForm
from outreach.webhooks.models import DELIVERY, Delivery, Subscription

REPLAY_FROM = timedelta(days=7)
PRESSED = action(Role.ADMINISTRATOR, back="webhooks:detail")


@require_safe
@role_required(Role.ADMINISTRATOR)
def index(request: HttpRequest) -> HttpResponse:
    """GET /settings/webhooks/"""
    rows = Subscription.objects.order_by("-is_active", "pk")
    return render(request, "webhooks/index.html", {"rows": rows, "connectors": CONNECTORS.values()})


@require_safe
@role_required(Role.ADMINISTRATOR)
def events(request: HttpRequest) -> HttpResponse:
    """GET /settings/webhooks/events/: every kind with its example."""
    rows = [
        (kind, json.dumps(kinds.example(kind.name), indent=2, ensure_ascii=False)) for kind in kinds.kinds().values()
    ]
    return render(request, "webhooks/events.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def add(request: HttpRequest, connector: str) -> HttpResponse:
    """GET and POST /settings/webhooks/new/<connector>/: the answer to the POST shows the secret, this once."""
    if connector not in CONNECTORS:
        raise Http404
    kind = CONNECTORS[connector]
    form = SubscriptionForm(request.POST or None, connector=kind)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = services.add(form.data_given(), actor=Actor.of(viewer(request)))
        except Invalid as error:
            add_problem(form, error)
        else:
            messages.success(request, _("Added. Send a test to see that it arrives."))
            return _detail(request, row, secret=secret) if secret else redirect("webhooks:detail", row.pk)
    return _form_page(request, form, title=_("Add: %(kind)s") % {"kind": kind.label})


@require_http_methods(["GET", "POST"])
@role_required(Role.ADMINISTRATOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """GET and POST …/edit/"""
    row = get_object_or_404(Subscription, pk=pk)
    form = SubscriptionForm(request.POST or None, connector=row.info, subscription=row)
    if request.method == "POST" and form.is_valid():
        try:
            services.change(subscription=row, data=form.data_given(), actor=Actor.of(viewer(request)))
        except Invalid as error:
            add_problem(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("webhooks:detail", pk)
    return _form_page(request, form, title=str(row), back=reverse("webhooks:detail", args=[pk]))


@require_safe
@role_required(Role.ADMINISTRATOR)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET …/<pk>/: what it is, and its deliveries, `?state=`, `?before=`."""
    return _detail(request, get_object_or_404(Subscription, pk=pk))


def _detail(request: HttpRequest, row: Subscription, *, secret: str = "") -> HttpResponse:
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    rows = row.deliveries.all()
    if state in DELIVERY.states:
        rows = rows.filter(state=state)
    found, following = newest(rows, before)
    context = {
        "row": row,
        "secret": secret,
        "deliveries": found,
        "next_before": following,
        "state": state,
        "states": DELIVERY.choices,
        "has_failed": row.deliveries.failed().exclude(event=None).exists(),
        "test_form": TestForm(subscription=row),
        "replay_form": ReplayForm(initial={"since": clock.now() - REPLAY_FROM}),
        "now": clock.now(),
    }
    response = render(request, "webhooks/detail.html", context)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


@require_safe
@role_required(Role.ADMINISTRATOR)
def delivery(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """GET …/<pk>/deliveries/<number>/: the request as it would be made now, and the last answer."""
    rows = Delivery.objects.select_related("subscription", "event")
    found = get_object_or_404(rows, pk=number, subscription=pk)
    body = services.order_of(found).body
    context = {"row": found.subscription, "delivery": found, "body": json.dumps(body, indent=2, ensure_ascii=False)}
    return render(request, "webhooks/delivery.html", context)


@PRESSED
def test(request: Request, pk: int) -> HttpResponse:
    """POST …/test/"""
    kind = request.POST.get("kind", "")
    found = services.send_test(subscription=_row(pk), kind=kind, actor=Actor.of(request.user))
    if found.is_failed:
        messages.error(request, _("The test failed: %(error)s") % {"error": found.error})
    else:
        messages.success(request, _("The receiver accepted the test after %(ms)s ms.") % {"ms": found.duration_ms})
    return redirect("webhooks:detail", pk)


@PRESSED
def rotate(request: Request, pk: int) -> HttpResponse:
    """POST …/rotation/: shows the new secret, this once."""
    row = _row(pk)
    secret = services.rotate(subscription=row, actor=Actor.of(request.user))
    return _detail(request, row, secret=secret)


@PRESSED
def switch(request: Request, pk: int) -> str:
    """POST …/activity/ with `is_active` 1 or 0."""
    is_active = request.POST.get("is_active") == "1"
    services.switch(subscription=_row(pk), is_active=is_active, actor=Actor.of(request.user))
    return _("Switched on.") if is_active else _("Switched off.")


@PRESSED
def replay_failed(request: Request, pk: int) -> str:
    """POST …/replays/ with `since`."""
    form = ReplayForm(request.POST)
    if not form.is_valid():
        raise Invalid("since", _("Enter a date and a time."))
    since = form.cleaned_data["since"]
    count = services.replay_failed(subscription=_row(pk), since=since, actor=Actor.of(request.user))
    return ngettext("%(count)s delivery is sent again.", "%(count)s deliveries are sent again.", count) % {
        "count": count
    }


@PRESSED
def replay(request: Request, pk: int, number: int) -> str:
    """POST …/deliveries/<number>/replay/"""
    found = get_object_or_404(Delivery.objects.select_related("subscription"), pk=number, subscription=pk)
    services.replay(delivery=found, actor=Actor.of(request.user))
    return _("It is sent again in a moment.")


@action(Role.ADMINISTRATOR, back="webhooks:list", keep=())
def remove(request: Request, pk: int) -> str:
    """POST …/removal/"""
    services.remove(subscription=_row(pk), actor=Actor.of(request.user))
    return _("Removed.")


def _row(pk: int) -> Subscription:
    return get_object_or_404(Subscription, pk=pk)


def _form_page(request: HttpRequest, form: SubscriptionForm, *, title: str, back: str = "") -> HttpResponse:
    listed = reverse("webhooks:list")
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "list_url": listed,
        "list_name": _("Webhooks"),
        "back_url": back or listed,
    }
    return render(request, "webhooks/form.html", context, status=INVALID_FORM if form.errors else HTTPStatus.OK)
