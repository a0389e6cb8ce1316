"""Pages on which senders are added, changed and connected."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from conversations.channels import registry
from conversations.channels.base import NotSent, OutcomeUnknown
from conversations.senders import checks, connecting, discovery, kinds, services
from conversations.senders.forms import SenderForm
from conversations.senders.models import Sender
from outreach.access.pages import INVALID_FORM, Request
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError
from outreach.core.models import Actor


@require_safe
@role_required(Role.OPERATOR)
def sender_choice(request: Request) -> HttpResponse:
    """GET /senders/new/: what kind of sender to add."""
    return render(
        request, "conversations/senders/choice.html", {"cards": kinds.cards(), "providers": kinds.providers()}
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def sender_new(request: Request, kind: str) -> HttpResponse:
    """The form for a sender: an adapter's name, or `google` or `microsoft` for a mailbox connected by consent."""
    provider = kind if kind in kinds.CONNECTED else ""
    info = registry.info("smtp" if provider else kind)
    form = SenderForm(request.POST or None, info=info, provider=provider)
    if request.method == "POST" and form.is_valid() and (sender := _create(request, form)):
        _warn(request, sender)
        return redirect("senders:connection" if provider else "senders:detail", pk=sender.pk)
    context = {
        "title": kinds.title(kind),
        "provider": provider,
        "redirect_uri": connecting.redirect_uri(),
        "back_url": reverse("senders:choice"),
        "crumb": (reverse("senders:choice"), _("Add a sender")),
    }
    return _form_page(request, form, context)


def _create(request: Request, form: SenderForm) -> Sender | None:
    """The new sender; a mailbox with a password is signed in to first. None when something is wrong with the form."""
    actor, config = Actor.of(request.user), form.config()
    servers = None
    try:
        if not form.is_mailbox or form.provider or "untested" in request.POST:
            sender = services.create_sender(config, actor=actor)
            if form.info.is_simulated:  # nothing about it could be wrong
                messages.success(request, services.verify_sender(sender=sender, actor=actor))
            else:
                messages.success(request, _("Sender created. Verify it to start sending."))
            return sender
        config, servers = discovery.complete(config)
        sender, found = services.connect_sender(config, actor=actor)
    except Invalid as error:
        form.show_error(error.field, error.reason)
    except (NotSent, OutcomeUnknown) as error:
        form.show_error(*discovery.explain(error, servers.hint if servers else ""))
        if servers:
            form.show_found(servers)
    else:
        messages.success(request, f"{servers.sentence()} {found}" if servers else found)
        messages.info(request, _("Now send yourself a test message to see that it arrives."))
        return sender
    return None


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def sender_edit(request: Request, pk: int) -> HttpResponse:
    """The form of an existing sender; empty secrets are kept."""
    sender = get_object_or_404(Sender, pk=pk)
    form = SenderForm(request.POST or None, info=registry.info(sender.adapter), sender=sender)
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
            _warn(request, sender)
            return redirect("senders:detail", pk=sender.pk)
    back = reverse("senders:detail", args=[sender.pk])
    return _form_page(request, form, {"title": _("Edit the sender"), "back_url": back, "crumb": (back, sender.name)})


def _form_page(request: Request, form: SenderForm, context: dict[str, Any]) -> HttpResponse:
    context = {"form": form, "list_url": reverse("senders:list"), "list_name": _("Senders"), **context}
    status = INVALID_FORM if form.errors else HTTPStatus.OK
    return render(request, "conversations/senders/form.html", context, status=status)


@require_safe
@role_required(Role.OPERATOR)
def connection(request: Request, pk: int) -> HttpResponse:
    """Before a person leaves for the provider's consent page: what it needs, and the way there.

    A link and no form: a content security policy lets forms lead to ourselves only.
    """
    sender = get_object_or_404(Sender, pk=pk)
    try:
        way = connecting.begin(sender=sender, session=request.session)
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("senders:detail", pk=pk)
    info = registry.info(sender.adapter)
    provider = dict(next(field.choices for field in info.settings if field.name == "oauth_provider"))
    chosen = info.value(sender.settings, "oauth_provider")
    context = {
        "sender": sender,
        "way": way,
        "provider": provider[chosen] if chosen != "other" else "",
        "is_elsewhere": urlsplit(settings.PUBLIC_BASE_URL).netloc != request.get_host(),
    }
    return render(request, "conversations/senders/connection.html", context)


@require_safe
@role_required(Role.OPERATOR)
def connected(request: Request) -> HttpResponse:
    """GET …/connected/: back from the consent page, with a code or with a no."""
    try:
        sender, number = connecting.sender_of(request.GET.get("state", ""))
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("senders:list")
    try:
        connecting.finish(
            sender=sender,
            number=number,
            code=request.GET.get("code", ""),
            error=request.GET.get("error", ""),
            session=request.session,
            actor=Actor.of(request.user),
        )
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("senders:connection", pk=sender.pk)
    messages.success(request, _("Mailbox connected."))
    try:
        messages.success(request, services.verify_sender(sender=sender, actor=Actor.of(request.user)))
    except OutreachError as error:
        messages.warning(request, error.reason)
    return redirect("senders:detail", pk=sender.pk)


def _warn(request: Request, sender: Sender) -> None:
    for sentence in checks.warnings(sender, clock.now()):
        messages.warning(request, sentence)
