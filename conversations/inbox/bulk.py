"""One action on many conversations that somebody selected, through the services of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from conversations.inbox import services
from conversations.inbox.pages import HttpRequest
from conversations.inbox.times import typed_moment
from conversations.models import Conversation
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid, OutreachError
from outreach.core.words import gettext as _
from outreach.core.words import ngettext

MAX_SELECTED = 200

Act = Callable[[Conversation], object]


def act_on(ids: list[int], act: Act) -> tuple[int, list[str]]:
    """How many conversations took it, and why each of the others did not."""
    count, refused = 0, []
    for row in Conversation.objects.select_related("lead").filter(pk__in=ids[:MAX_SELECTED]).order_by("pk"):
        try:
            with transaction.atomic():
                act(row)
            count += 1
        except OutreachError as error:
            refused.append(f"{row}: {error.reason}")
    return count, refused


def _act(request: HttpRequest) -> Act:
    """What the form asks for. Raises `Invalid` for what is no action, no person or no moment."""
    user, action = request.user, request.POST.get("action", "")
    if action == "close":
        return lambda row: services.move(conversation=row, to="closed", user=user)
    if action == "no_answer":
        return lambda row: services.nothing_owed(conversation=row, user=user)
    if action == "assign":
        chosen = request.POST.get("to", "")
        to = User.objects.filter(pk=int(chosen), is_active=True).first() if chosen.isdecimal() else None
        return lambda row: services.assign(conversation=row, to=to, user=user)
    if action == "snooze":
        until = _until(request.POST.get("until", ""))
        return lambda row: services.snooze(conversation=row, until=until, user=user)
    raise Invalid("action", _("Choose what to do with them."), code="wrong_choice")


def _until(text: str) -> datetime:
    found = typed_moment(text, now=timezone.localtime(clock.now()))
    if found is None:
        raise Invalid("until", _("Enter a day, such as “tomorrow 9” or “in 2 weeks”."), code="wrong_date")
    return found


@require_POST
@role_required(Role.REVIEWER)
def bulk(request: HttpRequest) -> HttpResponse:
    """Act on the selected conversations; says how many, and who not."""
    ids = [int(part) for part in request.POST.get("ids", "").split(",") if part.strip().isdecimal()]
    count, refused = act_on(ids, _act(request))
    done = ngettext("%(n)s conversation changed.", "%(n)s conversations changed.", count) % {"n": count}
    text, level = " ".join([done, *refused[:3]]), "red" if refused else "green"
    if not request.htmx:
        (messages.warning if refused else messages.success)(request, text)
        return redirect("inbox:list")
    response = trigger_client_event(HttpResponse(status=204), "toast", {"text": text, "level": level})
    return trigger_client_event(response, "bulkDone", {})
