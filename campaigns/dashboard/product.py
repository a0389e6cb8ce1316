"""How well the product itself works: from a list or a segment to a campaign, traces, flags, bounces, uptime."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Count, F, Min, Q

from campaigns.dashboard.figures import Figure, Section, hours, share, written
from campaigns.dashboard.rows import Median, Period, behind, drafts, people, queued
from campaigns.models import Campaign
from campaigns.reports.lines import Row
from conversations.senders.health import GUARDRAILS
from leads.imports.models import Batch
from outreach.core.words import gettext as _
from outreach.jobs.models import PeriodicRun

MINUTELY = "campaigns.complete"
"""A schedule that runs every minute and whose runs are kept for a week."""
WEEK = timedelta(days=7)


def product(period: Period, row: Row, *, traced: tuple[int, int]) -> Section:
    """How well the product itself works. `traced`: of model verdicts, how many have a trace, and how many there are."""
    began = Batch.objects.order_by("pk").values_list("created_at", flat=True).first()
    is_queued = Q(pk__in=queued(period).order_by().values("pk"))
    campaigns = Campaign.objects.filter(is_demo=False).aggregate(
        led=Min("created_at"),
        n=Count("pk", filter=is_queued),
        half=Median(F("audience_frozen_at") - F("segment_version__created_at"), filter=is_queued),
    )
    led = campaigns["led"]
    texts = drafts(period).aggregate(
        n=Count("pk"), flagged=Count("pk", filter=~Q(flags=[])), traced=Count("interaction__trace")
    )
    limit = next(rail.stops_at for rail in GUARDRAILS if rail.figure == "bounced" and "email" in rail.channels)
    bounces = share(
        "bounce_guard", _("Bounces against the guardrail"),
        _("People with a bounced message out of the people contacted; senders are paused at the guardrail."),
        row.results.get("bounced", 0), row.sent, url=people(period, "bounced") if row.results.get("bounced") else "",
    )  # fmt: skip
    figures = [
        Figure(
            "time_to_campaign", _("From import to campaign"), _("Time from the first import to the first campaign."),
            hours(led - began) if began and led and led > began else None, "hours",
            note="" if began and led else _("Nothing was imported yet") if not began else _("No campaign of your own yet"),
        ),
        Figure(
            "segment_to_campaign", _("From segment to campaign"),
            _("Median time from saving a segment to a campaign with its audience ready, of the campaigns of this period."),
            hours(campaigns["half"]), "hours", url=behind(period, "segment_to_campaign") if campaigns["n"] else "",
        ),
        share("traced", _("Runs with a trace"), _("Drafts and model verdicts of this period whose model calls can be read step by step."),
              texts["traced"] + traced[0], texts["n"] + traced[1]),
        share("flagged", _("Drafts flagged"), _("Drafts in which the checks found something that a person should look at."),
              texts["flagged"], texts["n"], url=behind(period, "flagged") if texts["flagged"] else ""),
        replace(bounces, note=" · ".join(filter(None, [bounces.note, _("limit %(limit)s") % {"limit": written(limit, "percent")}]))),
        uptime(period.now),
    ]  # fmt: skip
    return Section("product", _("How Outreach works for you"), figures)


def uptime(now: datetime) -> Figure:
    """The share of minutes of the last seven days in which the background work ran."""
    runs = PeriodicRun.objects.filter(name=MINUTELY, planned_at__gte=now - WEEK).aggregate(
        n=Count("pk"), at=Min("planned_at")
    )
    minutes = int((now - runs["at"]).total_seconds() // 60) + 1 if runs["at"] else 0
    definition = _("Share of the minutes of the last seven days in which background work ran, since it ran first.")
    return share("uptime", _("Uptime"), definition, min(runs["n"], minutes), minutes, least=10)
