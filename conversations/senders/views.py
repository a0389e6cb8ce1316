"""Pages of senders: list, detail, new, edit, verify, pause."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.channels import registry
from conversations.senders import policy, selectors, services
from conversations.senders.forms import SenderForm
from conversations.senders.models import Sender
from outreach.access.models import Role
from outreach.access.permissions import role_required
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor
from outreach.limits.models import Allowance


@require_safe
@role_required(Role.VIEWER)
def sender_list(request: HttpRequest) -> HttpResponse:
    """All senders with state and budgets."""
    return render(
        request, "senders/list.html", {"rows": selectors.sender_rows(clock.now()), "adapters": registry.available()}
    )


@require_safe
@role_required(Role.VIEWER)
def sender_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One sender: state, budgets, connection without secrets, trail."""
    sender = get_object_or_404(Sender, pk=pk)
    allowance = Allowance.objects.filter(key=policy.allowance_key(pk)).first()
    info = registry.info(sender.adapter)
    return render(
        request,
        "senders/detail.html",
        {
            "sender": sender,
            "info": info,
            "settings": [(field.label, info.value(sender.settings, field.name)) for field in info.settings],
            "budgets": selectors.budgets(sender, allowance.usage if allowance else {}, clock.now()),
            "hours": policy.hours(sender)[0],
            "trail": trail(sender)[:20],
        },
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def sender_new(request: HttpRequest, adapter: str) -> HttpResponse:
    """The form for a sender of one adapter."""
    info = registry.info(adapter)
    form = SenderForm(request.POST or None, info=info)
    if request.method == "POST" and form.is_valid():
        try:
            sender = services.create_sender(
                adapter=adapter, actor=Actor.of(request.user), credentials=form.credentials(), **form.values()
            )
        except Invalid as error:
            form.show_error(error.field, error.reason)
        else:
            messages.success(request, _("The sender is made. Verify it, and it may send."))
            return redirect("senders:detail", pk=sender.pk)
    status = 400 if form.errors else 200
    return render(request, "senders/form.html", {"form": form, "info": info}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def sender_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an existing sender; secrets are asked for anew or kept."""
    sender = get_object_or_404(Sender, pk=pk)
    info = registry.info(sender.adapter)
    form = SenderForm(request.POST or None, info=info, sender=sender)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.values().items() if name != "channel"}
        try:
            services.update_sender(
                sender=sender, actor=Actor.of(request.user), credentials=form.credentials(), **values
            )
        except Invalid as error:
            form.show_error(error.field, error.reason)
        else:
            messages.success(request, _("Saved."))
            return redirect("senders:detail", pk=sender.pk)
    status = 400 if form.errors else 200
    return render(request, "senders/form.html", {"form": form, "info": info, "sender": sender}, status=status)


@require_POST
@role_required(Role.OPERATOR)
def verification(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/verification: sign in for real."""
    return _act(request, pk, lambda sender, actor: services.verify_sender(sender=sender, actor=actor))


@require_POST
@role_required(Role.OPERATOR)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/pause: stop sending from it at once."""
    reason = request.POST.get("reason", "").strip() or _("Paused by hand.")

    def act(sender: Sender, actor: Actor) -> str:
        services.pause_sender(sender=sender, actor=actor, reason=reason)
        return _("%(sender)s is paused.") % {"sender": sender.name}

    return _act(request, pk, act)


@require_POST
@role_required(Role.OPERATOR)
def activation(request: HttpRequest, pk: int) -> HttpResponse:
    """POST …/activation: send again."""

    def act(sender: Sender, actor: Actor) -> str:
        services.resume_sender(sender=sender, actor=actor)
        return _("%(sender)s is active.") % {"sender": sender.name}

    return _act(request, pk, act)


def _act(request: HttpRequest, pk: int, act: object) -> HttpResponse:
    sender = get_object_or_404(Sender, pk=pk)
    try:
        messages.success(request, act(sender, Actor.of(request.user)))  # type: ignore[operator]
    except OutreachError as error:
        messages.error(request, error.reason)
    return redirect("senders:detail", pk=pk)
