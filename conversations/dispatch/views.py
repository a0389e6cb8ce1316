"""The outbox: what waits, what is in flight, what needs a person; and why a message is not sent."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from conversations.dispatch import reconciling
from conversations.dispatch.explain import explain, why
from conversations.models import MESSAGE, Message
from conversations.outbox import causes, selectors
from conversations.outbox import services as outbox
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import OutreachError, Refused
from outreach.core.models import Actor
from outreach.core.paging import newest

TAB_LABELS = {
    "problems": gettext_lazy("Needs a person"),
    "waiting": gettext_lazy("Waiting"),
    "in_flight": gettext_lazy("Leaving now"),
    "sent": gettext_lazy("Sent"),
    "ended": gettext_lazy("Bounced and cancelled"),
}


def _role(request: HttpRequest) -> str:
    user = request.user
    return "administrator" if getattr(user, "is_superuser", False) else str(getattr(user, "role", ""))


@require_safe
@role_required(Role.VIEWER)
def message_list(request: HttpRequest) -> HttpResponse:
    """`?tab=` or `?state=`, `?before=<id>`; problems first."""
    counts = selectors.problem_counts()
    state = request.GET.get("state", "")
    default = "problems" if counts else "waiting"
    tab = request.GET.get("tab", default)
    if tab not in selectors.TABS:
        tab = default
    states = (state,) if state in MESSAGE.states else selectors.TABS[tab]
    shown, following = newest(selectors.outbox(states=states), request.GET.get("before", ""))
    role, now = _role(request), clock.now()
    return render(
        request,
        "conversations/dispatch/list.html",
        {
            "rows": [{"message": row, "why": why(row, now), "actions": outbox.actions(row, role)} for row in shown],
            "next_before": following,
            "tab": tab,
            "tabs": list(TAB_LABELS.items()),
            "problem_count": sum(counts.values()),
        },
    )


@require_safe
@role_required(Role.VIEWER)
def problem_list(request: HttpRequest) -> HttpResponse:
    """What failed or is held, by cause: what to change and where, and one click for all of them."""
    found = causes.causes()
    return render(
        request, "conversations/dispatch/problems.html", {"causes": found, "total": sum(cause.count for cause in found)}
    )


@require_safe
@role_required(Role.VIEWER)
def problem_detail(request: HttpRequest, key: str) -> HttpResponse:
    """`?before=<id>`: the messages of one cause."""
    try:
        condition = causes.chosen(key)
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("messages:problems")
    rows = Message.objects.problems().filter(condition).select_related("lead", "sender", "stream")
    (shown, following), role = newest(rows, request.GET.get("before", "")), _role(request)
    found = causes.causes(key=key)
    return render(
        request,
        "conversations/dispatch/problem.html",
        {
            "cause": found[0] if found else None,
            "rows": [{"message": row, "actions": outbox.actions(row, role)} for row in shown],
            "next_before": following,
        },
    )


@action(Role.REVIEWER, back="messages:problems")
def problem_action(request: Request, key: str, action: str) -> str:
    """POST …/retry or …/cancellation for all messages of a cause."""
    actor, reason = Actor.of(request.user), request.POST.get("reason", "").strip()
    if action == "retry":
        count = outbox.retry_cause(key=key, actor=actor, reason=reason)
        return _("%(count)s released. They will be sent one at a time if all checks pass.") % {"count": count}
    count = outbox.cancel_cause(key=key, actor=actor, reason=reason)
    return _("%(count)s cancelled.") % {"count": count}


@require_safe
@role_required(Role.VIEWER)
def message_explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Every check of the gate and of the claim with its verdict."""
    message = get_object_or_404(
        Message.objects.select_related("lead", "sender", "stream", "conversation"), pk=pk, direction="out"
    )
    return render(
        request,
        "conversations/dispatch/explain.html",
        {
            "message": message,
            "explanation": explain(message),
            "events": message.events.all(),
            "actions": outbox.actions(message, _role(request)),
        },
    )


@action(Role.REVIEWER, back="messages:explain")
def message_action(request: Request, pk: int, action: str) -> str | HttpResponse:
    """POST …/retry, …/settle_sent, …/settle_not_sent, …/cancel: what the state table offers this person."""
    message = get_object_or_404(Message, pk=pk, direction="out")
    actor, reason = Actor.of(request.user), request.POST.get("reason", "").strip()
    if action not in {name for name, _label in outbox.actions(message, _role(request))}:
        raise Refused(_("This isn't possible in the message's current state, or your role doesn't allow it."))
    if action == "look":
        is_settled = reconciling.look(message)
        messages.info(request, _("Settled by evidence.") if is_settled else _("No conclusive evidence was found."))
        return redirect("messages:explain", pk=pk)
    if action == "approve":
        outbox.approve(message=message, user=request.user)
        return _("Approved. It will be sent shortly if all checks pass.")
    if action == "retry":
        outbox.retry(message=message, actor=actor, reason=reason)
        return _("It will be sent shortly if all checks pass.")
    if action == "cancel":
        outbox.cancel(message=message, actor=actor, reason=reason or _("Cancelled manually."))
        return _("Cancelled.")
    outcome = action.removeprefix("settle_")
    outbox.settle(message=message, outcome=outcome, actor=actor, reason=reason or _("Looked up manually."))
    return _("Settled.")
