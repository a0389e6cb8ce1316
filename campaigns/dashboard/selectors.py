"""The sections of the dashboard, each from one to three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Floor, Least, TruncDay, TruncMonth, TruncWeek
from django.urls import reverse
from django.utils.translation import pgettext

from campaigns import counts
from campaigns.dashboard import attribution, prediction
from campaigns.dashboard.figures import Chart, Figure, Section, Table, hours, share, written
from campaigns.dashboard.product import product
from campaigns.dashboard.rows import (
    IN_TIME,
    Median,
    Period,
    behind,
    calls,
    new_leads,
    people,
    received,
    reviewed,
    upcoming,
    verdicts,
    won,
)
from campaigns.drafts.judging import IS_GOOD, IS_JUDGED
from campaigns.drafts.models import Decision
from campaigns.models import Campaign, Outcome
from campaigns.reports import selectors as reports
from campaigns.reports.glossary import GLOSSARY
from campaigns.reports.lines import Asked, Row
from leads.qualification.models import Verdict
from outreach.core import numbers
from outreach.core.words import gettext as _

LEARNT_FROM = timedelta(days=90)
MOST = 5_000
"""Wins that are looked at: the newest ones."""
_UNITS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


Judged = list[tuple[bool | None, float | None, int, int, int]]
"""(fits, tenth of the score, decisions, of these by a model, of these with a trace)"""


def sections(period: Period) -> list[Section]:
    """All of them, in the order of the page."""
    source = reports.source_of(period.asked)
    row = reports.total(period.asked, source=source)
    learnt = reports.total(Asked(since=_midnight_before(period), zone=period.asked.zone), source=source)
    judged, answers = _judged(period), _answers(period)
    wins = _wins(period)
    return [
        leads(period),
        qualification(period, judged),
        response(period, row, answers),
        reviewers(period),
        costs(period, answers),
        revenue(period, wins),
        forecast(period, learnt, wins),
        product(period, row, traced=(sum(one[4] for one in judged), sum(one[3] for one in judged))),
    ]


def leads(period: Period) -> Section:
    """How many people were added, and when."""
    unit = _unit(period)
    at = _UNITS[unit]("created_at", tzinfo=period.asked.zone)
    counted = {day.date(): n for day, n in new_leads(period).order_by().values_list(at).annotate(n=Count("pk"))}
    count = sum(counted.values())
    axis = reports.axis(counted, unit)
    series = [{"name": _("New leads"), "data": [(day.isoformat(), counted.get(day, 0)) for day in axis]}]
    figure = Figure(
        "new_leads", _("New leads"), _("People added in this period, by import, search, API or hand."), count,
        url=behind(period, "new_leads") if count else "",
    )  # fmt: skip
    return Section(
        "leads", _("Leads"), [figure], Chart(_("New leads over time"), series) if len(axis) > 1 else None,
        empty="" if count else _("No leads were added in this period."),
    )  # fmt: skip


def _judged(period: Period) -> Judged:
    by_model = Q(source=Verdict.Source.LLM)
    rows = verdicts(period).order_by().annotate(tenth=Least(Floor(F("score") * 10), 9.0))
    return list(
        rows.values_list("is_qualified", "tenth").annotate(
            n=Count("pk"), judged=Count("pk", filter=by_model), traced=Count("interaction", filter=by_model)
        )
    )


def qualification(period: Period, judged: Judged) -> Section:
    """How leads were judged, and how their scores are spread."""
    counted: dict[Any, int] = defaultdict(int)
    tenths = [0] * 10
    for is_qualified, tenth, n, _judged, _traced in judged:
        counted[is_qualified] += n
        if tenth is not None:
            tenths[max(0, int(tenth))] += n
    total = sum(counted.values())
    names = {True: "qualified", False: "not_qualified", None: "undecided"}
    labels = {True: _("Qualified"), False: _("Not qualified"), None: _("Not enough known")}
    told = {
        True: _("Share of decisions that a lead fits the brief."),
        False: _("Share of decisions that a lead doesn't fit the brief."),
        None: _("Share of decisions left open because too little is known about the lead."),
    }
    figures = [
        share(names[key], labels[key], told[key], counted[key], total,
              url=behind(period, names[key]) if counted[key] else "")
        for key in (True, False, None)
    ]  # fmt: skip
    points = [
        (f"{numbers.decimal(place / 10, 1)}–{numbers.decimal((place + 1) / 10, 1)}", n)
        for place, n in enumerate(tenths)
    ]
    chart = Chart(_("Decisions by score"), [{"name": _("Decisions"), "data": points}]) if any(tenths) else None
    empty = "" if total else _("No lead was judged in this period.")
    return Section("qualification", _("Qualification"), figures, chart, empty=empty)


def response(period: Period, row: Row, answers: dict[str, Any]) -> Section:
    """What came of the people who were written to, and how fast both sides answer."""
    told = {
        "replied": _("Reply rate"),
        "positive": _("Positive replies"),
        "booked": _("Booked calls"),
        "held": _("Calls held"),
        "bounced": _("Bounced"),
        "opted_out": _("Opted out"),
    }
    contacted = Figure(
        "contacted", _("People contacted"), str(GLOSSARY["contacted"].definition), row.sent,
        url=people(period, "contacted") if row.sent else "",
    )  # fmt: skip
    rates = [
        share(name, label, f"{GLOSSARY[name].definition} {_('As a share of the people contacted.')}",
              row.results.get(name, 0), row.sent, url=people(period, name) if row.results.get(name) else "")
        for name, label in told.items()
    ]  # fmt: skip
    empty = "" if row.sent else _("No message was sent in this period.")
    return Section("response", _("Replies"), [contacted, *rates, *_speeds(period, answers)], empty=empty)


def _speeds(period: Period, answers: dict[str, Any]) -> list[Figure]:
    ours = received(period).aggregate(n=Count("pk"), half=Median(F("answered_at") - F("received_at")))
    note = (
        _("nine of ten within %(time)s") % {"time": written(hours(answers["most"]), "hours")}
        if answers["timed"]
        else ""
    )
    return [
        Figure(
            "time_to_reply", _("Time to reply"),
            _("Median time from our message to the person's answer, of answers that came in this period."),
            hours(answers["half"]), "hours", note=note, url=behind(period, "time_to_reply") if answers["timed"] else "",
        ),
        Figure(
            "our_time_to_answer", _("Our time to answer"),
            _("Median time from a person's message to our next one, of messages received in this period and answered."),
            hours(ours["half"]), "hours", url=behind(period, "our_time_to_answer") if ours["n"] else "",
        ),
    ]  # fmt: skip


def reviewers(period: Period) -> Section:
    """How people review texts."""
    is_kept, is_edited = Q(decision__verb=Decision.Verb.APPROVE), Q(edited_by__isnull=False)
    is_fine = is_kept & ~is_edited
    found = reviewed(period).aggregate(
        n=Count("pk"), kept=Count("pk", filter=is_kept), edited=Count("pk", filter=is_kept & is_edited),
        half=Median(F("decision__created_at") - F("created_at")), judged=Count("pk", filter=IS_JUDGED),
        good=Count("pk", filter=IS_GOOD), fine=Count("pk", filter=IS_JUDGED & is_fine),
        both=Count("pk", filter=IS_GOOD & is_fine),
    )  # fmt: skip
    count, kept, edited, judged = found["n"], found["kept"], found["edited"], found["judged"]
    neither = judged - found["good"] - found["fine"] + found["both"]
    url = behind(period, "reviewed") if count else ""
    figures = [
        Figure("reviewed", _("Drafts reviewed"), _("Drafts that a person approved or rejected in this period."), count, url=url),
        Figure(
            "time_to_review", _("Time to review"), _("Median time from writing a draft to a person's decision."),
            hours(found["half"]), "hours", url=url,
        ),
        share("edit_rate", _("Edited before approval"), _("Share of approved drafts that a person changed."), edited, kept,
              url=behind(period, "edited") if edited else ""),
        share("rejection_rate", _("Rejected"), _("Share of reviewed drafts that were rejected."), count - kept, count,
              url=behind(period, "rejected") if count > kept else ""),
        share("judge_agreement", _("Agreement with the judge"),
              _("Share of reviewed drafts where the automatic judge and the person said the same: fine as it is, or not."),
              found["both"] + neither, judged, least=10),
    ]  # fmt: skip
    return Section(
        "reviewers",
        pgettext("noun", "Review"),
        figures,
        empty="" if count else _("No one reviewed a draft in this period."),
    )


def _answers(period: Period) -> dict[str, Any]:
    """What came in the period, whenever we wrote: people who replied and booked, and how long answers took."""
    waited = F("occurred_at") - F("message__sent_at")
    kinds = (Outcome.Kind.REPLIED, Outcome.Kind.BOOKED)
    return Outcome.objects.filter(period.holds("occurred_at"), kind__in=kinds).aggregate(
        replied=Count("candidate", distinct=True, filter=Q(kind=Outcome.Kind.REPLIED)),
        booked=Count("candidate", distinct=True, filter=Q(kind=Outcome.Kind.BOOKED)),
        timed=Count("pk", filter=IN_TIME),
        half=Median(waited, filter=IN_TIME),
        most=Median(waited, at=0.9, filter=IN_TIME),
    )


def costs(period: Period, answers: dict[str, Any]) -> Section:
    """What models cost, and what for."""
    spent = calls(period).aggregate(n=Count("pk"), total=Sum("cost_usd"), priced=Count("cost_usd"))
    total = float(spent["total"]) if spent["total"] is not None else None
    note = ""
    if spent["n"] > spent["priced"]:
        note = _("%(count)s of %(base)s calls have no price") % {
            "count": spent["n"] - spent["priced"],
            "base": spent["n"],
        }
    replied, booked = answers["replied"], answers["booked"]
    url = behind(period, "model_cost") if spent["n"] else ""

    def each(count: int) -> float | None:
        return total / count if total is not None and count else None

    figures = [
        Figure("model_cost", _("Model cost"), _("What all calls to language models cost in this period."), total, "usd", note=note, url=url),
        Figure("cost_per_reply", _("Cost per reply"), _("Model cost divided by the people who replied in this period."),
               each(replied), "usd", note=_("%(count)s replied") % {"count": replied}, url=behind(period, "replies") if replied else ""),
        Figure("cost_per_booking", _("Cost per booked call"), _("Model cost divided by the people who booked a call in this period."),
               each(booked), "usd", note=_("%(count)s booked") % {"count": booked}, url=behind(period, "bookings") if booked else ""),
    ]  # fmt: skip
    empty = "" if spent["n"] else _("No model was called in this period.")
    return Section("costs", _("Model costs"), figures, empty=empty)


@dataclass(frozen=True)
class Win:
    """The value of one person in a campaign, and the campaigns that wrote to the person before, in order."""

    value: float
    touches: Sequence[int]


def _wins(period: Period) -> list[Win]:
    """What was won, each candidacy once: by the value of the win, or else of the booked call."""
    rows = (
        won(period)
        .order_by("-occurred_at", "-pk")
        .values_list("candidate", "candidate__lead", "kind", "occurred_at", "value")
    )
    best: dict[int, tuple[bool, int, datetime, float]] = {}
    for candidate, lead, kind, at, value in rows[:MOST]:
        found = (kind == Outcome.Kind.WON, lead, at, float(value or 0))
        if candidate not in best or found[0] > best[candidate][0]:
            best[candidate] = found
    sent: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    if best:
        messages = counts.sent_messages().filter(draft__candidate__lead__in={one[1] for one in best.values()})
        fields = ("draft__candidate__lead", "sent_at", "draft__candidate__campaign")
        for lead, left_at, campaign in messages.order_by("sent_at").values_list(*fields):
            if left_at is not None:
                sent[lead].append((left_at, campaign))
    return [Win(value, [c for at, c in sent[lead] if at <= when]) for _is_won, lead, when, value in best.values()]


def revenue(period: Period, wins: Sequence[Win]) -> Section:
    """What was won, and which campaigns it is owed to."""
    credits_ = attribution.attribute((win.value, win.touches) for win in wins)
    names = dict(Campaign.objects.filter(pk__in=credits_).values_list("pk", "name")) if credits_ else {}
    lines = sorted(credits_.items(), key=lambda item: -item[1].linear)
    table = Table(
        [_("Campaign"), _("First touch"), _("Last touch"), _("Equal parts")],
        [
            ((names.get(pk, "—"), reverse("campaigns:candidates", args=[pk]) + "?reached=won"),
             [written(value, "value") for value in (credit.first, credit.last, credit.linear)])
            for pk, credit in lines
        ],
    )  # fmt: skip
    total = sum(win.value for win in wins)
    url = behind(period, "value") if wins else ""
    figures = [
        Figure("value", _("Value won"), _("Sum of the values entered with wins and booked calls in this period; of a person with both, the win's."),
               total, "value", url=url),
        Figure("wins", _("Wins with a value"), _("People with a value entered."), len(wins), url=url),
    ]  # fmt: skip
    empty = "" if wins else _("No value yet. Enter it when you record a win or a booked call, or send it by the API.")
    return Section("revenue", _("Revenue"), figures, table=table if lines else None, empty=empty)


def forecast(period: Period, learnt: Row, wins: Sequence[Win]) -> Section:
    """What the people whose first message is planned will bring, by the rates of the last 90 days."""
    count = upcoming(period).count()
    told = _(
        "Of people whose first message is planned in the next 30 days, by the rates of the last 90 days. It lies within the range in eight of ten cases."
    )
    figures = [
        Figure("planned_people", _("First messages planned"), _("People whose first message is planned in the next 30 days."), count,
               url=behind(period, "planned_people") if count else "")
    ]  # fmt: skip
    for name, label, kind in (
        ("expected_replies", _("Replies expected"), "replied"),
        ("expected_bookings", _("Booked calls expected"), "booked"),
    ):
        found = prediction.predict(learnt.results.get(kind, 0), learnt.sent, count)
        note = (
            "" if found else _("Not enough data: fewer than %(number)s people contacted") % {"number": prediction.LEAST}
        )
        figures.append(
            Figure(name, label, told, found.mean if found else None, "count",
                   found.low if found else None, found.high if found else None, note,
                   behind(period, "planned_people") if count else "")
        )  # fmt: skip
    booked = figures[-1]
    if booked.value is not None and booked.low is not None and booked.high is not None and len(wins) >= 5:
        mean = sum(win.value for win in wins) / len(wins)
        figures.append(
            replace(booked, name="expected_value", label=_("Value expected"), unit="value", value=booked.value * mean,
                    low=booked.low * mean, high=booked.high * mean, note=_("at the mean value of this period's wins"))
        )  # fmt: skip
    empty = "" if count else _("No first message is planned for the next 30 days.")
    return Section("forecast", _("The next 30 days"), figures, empty=empty)


def _unit(period: Period) -> str:
    days = ((period.asked.until or period.now) - period.since).days
    return next((unit for unit, longest in reports.LONGEST.items() if days <= longest), "month")


def _midnight_before(period: Period) -> datetime:
    day: date = (period.now - LEARNT_FROM).astimezone(period.asked.zone).date()
    return reports.midnight(day, period.asked.zone)
