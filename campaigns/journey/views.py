"""Pages of what comes: a campaign's timeline, tomorrow, and the tasks of people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from campaigns.journey import forecast, turns
from campaigns.journey.models import Turn
from campaigns.journey.people import COUNT_CAP
from campaigns.journey.tomorrow import tomorrow as dry_run
from campaigns.models import Campaign
from conversations.senders.models import Sender
from outreach.access.models import User
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import OutreachError
from outreach.core.paging import as_id

PAGE = 50
AHEAD = timedelta(days=31)
"""So far the dry run looks."""
TASKS = 100
STATES = {
    "sent": (gettext_lazy("Sent"), "green"),
    "planned": (gettext_lazy("Planned"), "blue"),
    "forecast": (gettext_lazy("Forecast"), "grey"),
    "unsure": (gettext_lazy("If its condition is met"), "grey"),
    "review": (gettext_lazy("Needs review"), "amber"),
    "task": (gettext_lazy("Task"), "amber"),
    "unknown": (gettext_lazy("Unknown"), "amber"),
    "skipped": (gettext_lazy("Held for review"), "amber"),
    "failed": (gettext_lazy("Failed"), "red"),
    "cancelled": (gettext_lazy("Cancelled"), "grey"),
    "claimed": (gettext_lazy("Being sent"), "blue"),
    "sending": (gettext_lazy("Being sent"), "blue"),
}
"""What an entry of the timeline is, in words and colour."""


def _campaign(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("stream"), pk=pk)


@require_GET
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Every message of one campaign with its time, sender and text, before and while it runs."""
    campaign = _campaign(pk)
    people = forecast.MOST_PEOPLE if request.GET.get("people") == "all" else forecast.AT_ONCE
    found = forecast.timeline(campaign, people=people)
    filters: dict[str, Any] = {
        "step": as_id(request.GET.get("step", "")),
        "sender": as_id(request.GET.get("sender", "")),
        "state": request.GET.get("state", "") if request.GET.get("state", "") in STATES else "",
        "search": request.GET.get("search", ""),
    }
    chosen = list(forecast.choose(found.entries, **filters))
    after = request.GET.get("after", "")
    rest = [entry for entry in chosen if entry.key > after] if after else chosen
    page = forecast.with_texts(rest[:PAGE])
    times = [entry.at for entry in chosen if entry.at]
    context = {
        "campaign": campaign,
        "tab": "messages",
        "rows": [{"entry": e, "label": STATES[e.state][0], "colour": STATES[e.state][1]} for e in page],
        "filters": filters,
        "step_choices": [
            (step.number, _("Step %(number)s") % {"number": step.number}) for step in campaign.steps.order_by("number")
        ],
        "sender_choices": _sender_choices(found.entries),
        "states": [
            (name, label) for name, (label, _colour) in STATES.items() if any(e.state == name for e in found.entries)
        ],
        "total": len(chosen),
        "people": found.people,
        "counted": found.counted,
        "is_deep": people > forecast.AT_ONCE,
        "most": forecast.MOST_PEOPLE,
        "cap": COUNT_CAP - 1,
        "first_at": min(times, default=None),
        "last_at": max(times, default=None),
        "to_review": sum(entry.is_to_review for entry in chosen),
        "next_after": page[-1].key if len(rest) > PAGE else "",
        "now": clock.now(),
    }
    is_fragment = getattr(request, "htmx", False) and not getattr(request.htmx, "boosted", False)  # type: ignore[attr-defined]
    return render(request, f"campaigns/journey/{'_timeline' if is_fragment else 'timeline'}.html", context)


def _sender_choices(entries: list[forecast.Entry]) -> list[tuple[int, str]]:
    ids = {entry.sender_id for entry in entries if entry.sender_id}
    return list(Sender.objects.filter(pk__in=ids).order_by("name").values_list("pk", "name"))


COLUMNS = (
    "time", "recipient_time", "recipient_zone", "lead", "name", "company", "step", "sender", "state", "held_by",
    "subject", "text",
)  # fmt: skip


def lines(entries: list[forecast.Entry]) -> Iterator[dict[str, Any]]:
    """The timeline as plain rows, for files, API and terminal."""
    remaining = iter(entries)
    while chunk := list(islice(remaining, 500)):
        for entry in forecast.with_texts(chunk):
            yield {
                "time": entry.at.isoformat() if entry.at else "",
                "recipient_time": entry.local.strftime("%Y-%m-%d %H:%M") if entry.local else "",
                "recipient_zone": entry.zone,
                "lead": entry.lead_id,
                "name": entry.name,
                "company": entry.company,
                "step": entry.step.number,
                "sender": entry.sender,
                "state": entry.state,
                "held_by": entry.held_by,
                "subject": entry.subject,
                "text": entry.body or entry.step.instructions,
            }


class _Echo:
    def write(self, value: str) -> str:
        return value


@role_required(Role.OPERATOR)
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole timeline as CSV."""
    campaign = _campaign(pk)
    found = forecast.timeline(campaign, people=forecast.MOST_PEOPLE * 10)
    writer = csv.writer(_Echo())

    def rows() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(COLUMNS)
        for line in lines(found.entries):
            yield writer.writerow([_safe(line[name]) for name in COLUMNS])

    response: Any = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="timeline-{campaign.pk}.csv"'
    return response  # type: ignore[no-any-return]


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet evaluates as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


@require_GET
def tomorrow(request: HttpRequest) -> HttpResponse:
    """A dry run: what would leave on a day from each sender, and what is held back by which limit."""
    text = request.GET.get("day", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if day is not None and not timedelta(0) <= day - clock.now().date() <= AHEAD:
        day = None
    context = {"first": clock.now().date(), "last": clock.now().date() + AHEAD, "is_wrong": bool(text) and day is None}
    return render(request, "campaigns/journey/tomorrow.html", {"found": dry_run(day=day), **context})


# tasks


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What people have to do for running sequences."""
    rows = list(turns.open_tasks()[: TASKS + 1])
    return render(
        request,
        "campaigns/journey/tasks.html",
        {"tasks": rows[:TASKS], "has_more": len(rows) > TASKS, "can_settle": _may(request), "now": clock.now()},
    )


@require_POST
def settle_task(request: HttpRequest, turn_id: int, action: str) -> HttpResponse:
    """A person did or skipped a task; the row disappears and the sequence continues."""
    if not _may(request) or not isinstance(request.user, User):
        raise PermissionDenied
    turn = get_object_or_404(Turn.objects.select_related("step", "candidate"), pk=turn_id)
    service = turns.do_task if action == "done" else turns.skip_task
    try:
        service(turn=turn, user=request.user, note=request.POST.get("note", ""))
        text, is_error = (_("Done. The sequence continues."), False) if action == "done" else (_("Skipped."), False)
    except OutreachError as error:
        text, is_error = error.reason, True
    if getattr(request, "htmx", False):
        return render(request, "campaigns/journey/_settled.html", {"text": text, "is_error": is_error})
    (messages.error if is_error else messages.success)(request, text)
    return redirect("campaigns:tasks")


def _may(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.has_role(Role.REVIEWER)
