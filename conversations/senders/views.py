"""Pages of senders: list, detail, workday, and the buttons: verify, pause, stop, move, delete."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.channels import registry
from conversations.channels.sms import account as twilio
from conversations.channels.sms import callbacks
from conversations.senders import (
    assigning,
    connecting,
    domains,
    drawing,
    policy,
    selectors,
    services,
)
from conversations.senders.kinds import CONTINUE_AT
from conversations.senders.models import SENDER, Sender
from leads.models import Channel
from outreach.access.pages import Request, action
from outreach.access.permissions import role_required
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.models import Actor
from outreach.limits.calendars import format_minute

VERBS = {"pause": "paused", "drain": "draining", "activate": "active"}
"""Button → the state that it brings a sender into."""


@require_safe
@role_required(Role.VIEWER)
def sender_list(request: Request) -> HttpResponse:
    """All senders with state and budgets."""
    return render(
        request,
        "conversations/senders/list.html",
        {"rows": selectors.sender_rows(clock.now())},
    )


@require_safe
@role_required(Role.VIEWER)
def sender_detail(request: Request, pk: int) -> HttpResponse:
    """One sender: state, today's allowance and its parts, health, warm-up, workday, providers, connection, trail."""
    sender = get_object_or_404(Sender, pk=pk)
    now = clock.now()
    info = registry.info(sender.adapter)
    overview = selectors.overview(sender, now)
    return render(
        request,
        "conversations/senders/detail.html",
        {
            "sender": sender,
            "overview": overview,
            "ramp": list(zip(overview.ramp, drawing.bars([day.allowance for day in overview.ramp]), strict=True)),
            "info": info,
            "can": {verb: SENDER.allows(sender.state, state) for verb, state in VERBS.items()},
            "settings": _settings(sender, info),
            "webhooks": _webhooks(sender, info),
            "hours": policy.hours(sender)[0],
            "can_connect": connecting.can_connect(sender),
            "picture": _picture(selectors.workday_view(sender, policy.today(sender, now), now)),
            "pools": assigning.tags(),
            "trail": trail(sender)[:20],
            "continue_at": request.session.get(CONTINUE_AT, "") if sender.is_active else "",
            "user_address": getattr(request.user, "email", "") if sender.channel == Channel.EMAIL else "",
        },
    )


@require_safe
@role_required(Role.VIEWER)
def sender_workday(request: Request, pk: int) -> HttpResponse:
    """The workday of a sender on one date, drawn."""
    sender = get_object_or_404(Sender, pk=pk)
    now = clock.now()
    today = policy.today(sender, now)
    day = parse_day(request.GET.get("day", ""), default=today)
    return render(
        request,
        "conversations/senders/workday.html",
        {
            "sender": sender,
            "picture": _picture(selectors.workday_view(sender, day, now)),
            "week": selectors.week_of(day),
            "before": day - timedelta(days=7),
            "after": day + timedelta(days=7),
        },
    )


def _settings(sender: Sender, info: registry.AdapterInfo) -> list[tuple[Any, Any]]:
    """(label, value) of the settings that have one; choices and yes/no in words."""
    found = []
    for setting in info.settings:
        value = info.value(sender.settings, setting.name)
        if value in ("", None):
            continue
        if isinstance(value, bool):
            value = _("yes") if value else _("no")
        found.append((setting.label, dict(setting.choices).get(value, value) if setting.choices else value))
    return found


@dataclass(frozen=True)
class Picture:
    """A workday with the positions of its bars."""

    view: selectors.WorkdayView
    hours: list[tuple[int, int, drawing.Bar]]
    work: drawing.Bar | None = None
    lunch: drawing.Bar | None = None
    marks: list[drawing.Bar] = field(default_factory=list)

    @property
    def day_start(self) -> str:
        return format_minute(self.view.workday.start) if self.view.workday else ""

    @property
    def day_end(self) -> str:
        return format_minute(self.view.workday.end) if self.view.workday else ""

    @property
    def lunch_times(self) -> str:
        lunch = self.view.workday.lunch if self.view.workday else None
        return f"{format_minute(lunch[0])}–{format_minute(lunch[1])}" if lunch else ""

    @property
    def gap_text(self) -> str:
        if self.view.workday is None:
            return ""
        least, likeliest, greatest = (round(seconds) for seconds in self.view.workday.gap)
        return _("%(least)s to %(greatest)s, most often about %(likeliest)s") % {
            "least": least,
            "greatest": greatest,
            "likeliest": likeliest,
        }


def _picture(view: selectors.WorkdayView) -> Picture:
    day = view.workday
    if day is None:
        return Picture(view, [])
    counts = view.by_hour
    bars = drawing.bars([count for _hour, count in counts])
    first, last = counts[0][0] * 60, (counts[-1][0] + 1) * 60
    marks = [
        drawing.span(minute, minute + 1.5, first=first, last=last)
        for minute in (moment.hour * 60 + moment.minute for moment in view.sends)
    ]
    return Picture(
        view,
        [(hour, count, bar) for (hour, count), bar in zip(counts, bars, strict=True)],
        drawing.span(day.start, day.end, first=first, last=last),
        drawing.span(*day.lunch, first=first, last=last) if day.lunch else None,
        marks,
    )


def _webhooks(sender: Sender, info: registry.AdapterInfo) -> list[tuple[str, str]]:
    """(what it is called there, address): what an operator enters at the provider."""
    if sender.adapter == twilio.INFO.name:
        return [
            (_("A message comes in"), callbacks.inbound_url(sender.pk)),
            (_("Status callback"), callbacks.status_url(sender.pk)),
        ]
    if info.has_webhook:
        path = reverse("inbound:provider", args=[sender.adapter, sender.pk])
        return [(_("Webhook"), f"{settings.PUBLIC_BASE_URL}{path}")]
    return []


PRESSED = action(Role.OPERATOR, back="senders:detail")


@PRESSED
def verification(request: Request, pk: int) -> str:
    """POST …/verification: sign in for real and send a test message to the address that was given."""
    address = request.POST.get("test_address", "").strip()
    return services.verify_sender(sender=_sender(pk), actor=Actor.of(request.user), test_address=address)


@PRESSED
def pause(request: Request, pk: int) -> str:
    """POST …/pause: stop sending from it at once."""
    reason = _reason(request, _("Paused manually."))
    sender = services.pause_sender(sender=_sender(pk), actor=Actor.of(request.user), reason=reason)
    return _("%(sender)s is paused.") % {"sender": sender.name}


@PRESSED
def activation(request: Request, pk: int) -> str:
    """POST …/activation: send again."""
    sender = services.resume_sender(sender=_sender(pk), actor=Actor.of(request.user))
    return _("%(sender)s is active.") % {"sender": sender.name}


@PRESSED
def drain(request: Request, pk: int) -> str:
    """POST …/drain: finish planned messages, take no new leads."""
    reason = _reason(request, _("Stopped after its queue, by hand."))
    sender = services.drain_sender(sender=_sender(pk), actor=Actor.of(request.user), reason=reason)
    return _("%(sender)s is finishing its planned messages and takes no new leads.") % {"sender": sender.name}


@PRESSED
def rehome(request: Request, pk: int) -> str:
    """POST …/rehome: give what is planned for strangers to the other senders of a pool."""
    sender = _sender(pk)
    others = selectors.others(sender, tag=request.POST.get("pool", ""))
    reason = _reason(request, _("Moved manually."))
    return assigning.rehome(sender=sender, to=others, actor=Actor.of(request.user), reason=reason).sentence()


@PRESSED
def deletion(request: Request, pk: int) -> str | HttpResponse:
    """POST …/deletion: delete the sender; messages to leads not yet contacted move to a pool if one is named."""
    sender, tag = _sender(pk), request.POST.get("pool", "")
    said = services.delete_sender(
        sender=sender,
        actor=Actor.of(request.user),
        reason=_reason(request, _("Deleted manually.")),
        to=selectors.others(sender, tag=tag) if tag else [],
    )
    if Sender.objects.filter(pk=pk).exists():
        return said
    messages.success(request, said)
    return redirect("senders:list")


def _sender(pk: int) -> Sender:
    return get_object_or_404(Sender, pk=pk)


def _reason(request: Request, default: str) -> str:
    return request.POST.get("reason", "").strip() or default


def parse_day(text: str, *, default: date) -> date:
    """The date in `text` (2026-03-02), or `default` for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


def _domain_context(sender: Sender) -> dict[str, Any]:
    return {
        "domain": domains.domain_of(sender) if domains.has_domain(sender) else "",
        "domain_checks": domains.checks_of(sender),
    }


@require_POST
@role_required(Role.OPERATOR)
def domain_checks(request: Request, pk: int) -> HttpResponse:
    """POST: ask the DNS about the sender's domain now, and show what it says."""
    sender = get_object_or_404(Sender, pk=pk)
    domains.examine_sender(sender=sender)
    if request.htmx:
        return render(
            request, "conversations/senders/_domain_checks.html", {"sender": sender, **_domain_context(sender)}
        )
    return redirect("senders:detail", pk=pk)
