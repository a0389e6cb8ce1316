"""What decides a campaign's situation, read for one campaign or a whole list in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext_lazy

from campaigns import counts
from campaigns.audience.services import unjudged
from campaigns.launch.checks import Problem, needs
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign, Candidate
from campaigns.overview.selectors import Standing
from campaigns.overview.terms import Action, Facts, Obstacle, Stuck
from campaigns.steps.models import Step
from conversations.dispatch.explain import Explanation, explain
from conversations.models import Conversation, Message
from conversations.senders.models import SENDER
from outreach.core import clock
from outreach.core.audit import trail
from outreach.core.words import gettext as _
from outreach.jobs.models import JOB, Job
from outreach.limits.calendars import in_words
from outreach.llm import configured

WORK = {
    "campaign.freeze": gettext_lazy("Finding the people"),
    "campaign.qualify": gettext_lazy("Qualifying people"),
    "campaign.generate_drafts": gettext_lazy("Writing drafts"),
    "campaign.hand_over": gettext_lazy("Planning messages"),
    "campaign.replan": gettext_lazy("Rescheduling messages"),
    "campaign.reopen": gettext_lazy("Rescheduling messages"),
}
"""Jobs that a person waits for; the rest run beside the campaign."""
QUOTAS = ("sender_budget", "stream_budget", "sender_allowance", "mail_provider")
JUDGE_ROUTE = "qualify"


def facts_of(campaigns: Sequence[Campaign], standing: dict[int, Standing]) -> dict[int, Facts]:
    """The facts of each campaign by id, as a list shows them."""
    live = [campaign.pk for campaign in campaigns if campaign.state in CAMPAIGN.live]
    held = {campaign.pk: _held(campaign, standing[campaign.pk].next_message) for campaign in campaigns}
    first = _plans_first([pk for pk, (held_by, _why) in held.items() if held_by == "hours"])
    jobs, stuck, answers = _jobs(live), _stuck_senders(live), _answers_waiting(live)
    refusals = _refusals([pk for pk in live if not _accepted(standing[pk])])
    problems = _problems(live)
    found = {}
    for campaign in campaigns:
        one, pk = standing[campaign.pk], campaign.pk
        failed, problem = problems.get(pk, (0, ""))
        held_by, why = held[pk]
        found[pk] = Facts(
            state=campaign.state,
            is_daily=campaign.mode == Campaign.Mode.DAILY,
            is_frozen=campaign.audience_frozen_at is not None,
            segment=campaign.segment_version.segment.name,
            segment_number=campaign.segment_version.segment_id,
            brief=campaign.brief.name if campaign.brief else "",
            brief_number=campaign.brief_id or 0,
            stages=one.stages,
            left_out=campaign.audience_counts,
            has_offer=bool(campaign.offer.strip()) or not _needs_offer(campaign, one),
            refusal=refusals.get(pk, ""),
            problem=problem,
            failed=failed,
            unread=one.people_to_review if campaign.state in CAMPAIGN.live else 0,
            working_on=jobs.get(pk, ""),
            waits_because=campaign.waits_because,
            stuck=stuck.get(pk) if campaign.state in CAMPAIGN.running else None,
            planned=one.planned,
            plans_first=pk in first,
            next_at=one.next_send_at,
            held_by=held_by,
            why_held=why,
            answers_waiting=answers.get(pk, 0),
            contacted=one.contacted,
            replied=one.numbers.replied,
            booked=one.numbers.fact("booked"),
        )
    return found


def all_facts(campaign: Campaign, one: Standing, *, problems: Iterable[Problem], jobs: Iterable[Job]) -> Facts:
    """The same for the page of one campaign, with what is worth more queries: obstacles, the true hold, changed briefs."""
    found = facts_of([campaign], {campaign.pk: one})[campaign.pk]
    is_judged = campaign.brief is not None and found.is_frozen and not found.is_daily
    last = next((job for job in jobs if job.kind == "campaign.generate_drafts"), None)
    found = replace(
        found,
        is_brief_changed=is_judged and not found.stages.get(CANDIDATE.MATCHED) and unjudged_by_change(campaign),
        is_model_missing=bool(campaign.brief and campaign.brief.use_model and not configured.uses_model(JUDGE_ROUTE)),
        obstacles=tuple(_obstacles(campaign, problems)),
        job_error=last.error if last is not None else "",
        paused_because=_pause_reason(campaign) if campaign.is_paused else "",
    )
    if campaign.state in CAMPAIGN.running and one.next_send_at and not found.held_by and found.stuck is None:
        found = _with_explanation(found, one.next_message)
    return found


def unjudged_by_change(campaign: Campaign) -> bool:
    """Whether someone was judged by an earlier wording of the campaign's brief."""
    return bool(unjudged(campaign).exclude(stage__in=CANDIDATE.unjudged).exists())


def _needs_offer(campaign: Campaign, one: Standing) -> bool:
    """Whether texts are missing that are written from an offer."""
    return bool(one.stages.get(CANDIDATE.QUALIFIED)) and needs(campaign, "offer")


def _accepted(one: Standing) -> int:
    return sum(one.stages.get(stage, 0) for stage in CANDIDATE.accepted)


def _jobs(ids: list[int]) -> dict[int, str]:
    """What is being done for each campaign, with its progress."""
    rows = Job.objects.filter(
        subject_type=Campaign._meta.label, subject_id__in=[str(pk) for pk in ids], kind__in=WORK
    ).exclude(state__in=JOB.over)
    told = {}
    for job in rows.order_by("-pk"):
        text = str(WORK[job.kind])
        if job.waits_until:
            text = _("%(work)s waits: %(reason)s") % {"work": text, "reason": job.outcome}
        elif job.total_count:
            text = _("%(work)s: %(done)s of %(total)s") % {
                "work": text,
                "done": job.done_count,
                "total": job.total_count,
            }
        told[int(job.subject_id)] = text
    return told


def _stuck_senders(ids: list[int]) -> dict[int, Stuck]:
    """The first sender of each campaign that does not send."""
    found: dict[int, Stuck] = {}
    steps = Step.objects.filter(campaign__in=ids, pool="", sender__isnull=False)
    for step in steps.exclude(sender__state__in=SENDER.sending).select_related("sender").order_by("number"):
        sender = step.first_sender
        label = _("It is “%(state)s”.") % {"state": sender.get_state_display()}
        reason = f"{label} {sender.state_reason}".strip()
        found.setdefault(step.campaign_id, Stuck(sender.name, reason, sender.pk, sender.state == SENDER.UNVERIFIED))
    return found


def unread_people(campaign_id: int) -> int:
    """People of one campaign with a draft that waits for a person."""
    return counts.review_by_campaign([campaign_id]).get(campaign_id, (0, 0))[1]


def _refusals(ids: list[int]) -> dict[int, str]:
    """The most frequent reason of a refusal, for campaigns in which no one is qualified."""
    rows = Candidate.objects.filter(campaign__in=ids, stage=CANDIDATE.DISQUALIFIED).values("campaign", "stage_reason")
    found: dict[int, str] = {}
    for row in rows.annotate(n=Count("pk")).order_by("n"):
        found[row["campaign"]] = row["stage_reason"]
    return found


def _problems(ids: list[int]) -> dict[int, tuple[int, str]]:
    """How many qualified people have no draft because writing failed, and why the most of them."""
    rows = Candidate.objects.filter(campaign__in=ids, stage=CANDIDATE.QUALIFIED).exclude(problem="")
    totals: dict[int, int] = defaultdict(int)
    found: dict[int, tuple[int, str]] = {}
    for row in rows.values("campaign", "problem").annotate(n=Count("pk")).order_by("n"):
        totals[row["campaign"]] += row["n"]
        found[row["campaign"]] = (totals[row["campaign"]], row["problem"])
    return found


def _plans_first(ids: list[int]) -> set[int]:
    """Those of the campaigns with a first message planned to somebody."""
    first = Message.objects.waiting().filter(stream=OuterRef("stream"), draft__step__number=1)
    return set(Campaign.objects.filter(Exists(first), pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _held(campaign: Campaign, message: Message | None) -> tuple[Literal["", "hours", "quota", "start", "other"], str]:
    """What a message that is planned for later waits for."""
    if campaign.state not in CAMPAIGN.running:
        return "", ""
    if message is None or message.scheduled_at is None or message.scheduled_at <= clock.now():
        return "", ""
    if campaign.start_at and campaign.start_at > clock.now():
        return "start", _("The campaign doesn't start before its date.")
    opens_at = (message.timing or {}).get("opens_at")
    is_shut = bool(opens_at) and datetime.fromisoformat(str(opens_at)) == message.scheduled_at
    if not is_shut:
        return "", ""
    window = in_words((message.timing or {}).get("window", ""))
    zones = ", ".join((message.timing or {}).get("zones", ())) or (message.sender.time_zone if message.sender else "")
    return "hours", _("The campaign's hours are %(window)s in the recipient's time (%(zones)s).") % {
        "window": window,
        "zones": zones,
    }


def _with_explanation(found: Facts, message: Message | None) -> Facts:
    """A message that is due, or was put off at the gate: what holds it, from the gate's own checks."""
    if message is None or message.scheduled_at is None:
        return found
    if message.scheduled_at > clock.now() and not message.refused_by:
        return found  # it is planned for later, and nothing holds it
    told: Explanation = explain(message)
    holding = [check for check in told.holding if check.name != "due"]
    if not holding:
        return found
    first = next((check for check in holding if check.next_at is None), holding[0])
    names = {check.name for check in holding}
    held_by: Any = "quota" if names <= set(QUOTAS) else "hours" if "window_open" in names else "other"
    return replace(found, held_by=held_by, why_held=first.sentence, next_at=told.next_at or found.next_at)


def _answers_waiting(ids: list[int]) -> dict[int, int]:
    """People of each campaign who wait for our answer."""
    waiting = Conversation.objects.filter(waiting_since__isnull=False).order_by().values("lead")
    rows = Candidate.objects.filter(campaign__in=ids, stage__in=CANDIDATE.reached, lead_id__in=waiting)
    return dict(rows.values_list("campaign").annotate(n=Count("pk")).order_by())


def _pause_reason(campaign: Campaign) -> str:
    entry = next((e for e in trail(campaign)[:20] if e.action == f"campaign.{campaign.state}"), None)
    if entry is None:
        return ""
    told = _("%(who)s paused it.") % {"who": entry.who}
    return f"{told} {entry.why}".strip()


def _obstacles(campaign: Campaign, problems: Iterable[Problem]) -> Iterable[Obstacle]:
    """What forbids the start, each with the page where it is fixed. What the other sentences say is left out."""
    pages = {
        "senders": Action(_("Open the senders"), page="senders:list", number=-1),
        "domain": Action(_("Open the senders"), page="senders:list", number=-1),
        "plan": Action(_("Edit the plan"), page="campaigns:edit"),
        "packs": Action(_("Edit the plan"), page="campaigns:edit"),
        "window": Action(_("Edit the plan"), page="campaigns:edit"),
        "files": Action(_("Files and tracking"), page="steps:mail"),
        "busy": Action(_("Take them anyway"), post="campaigns:keep-busy"),
        "recipients": Action(_("Check the recipients"), page="campaigns:preflight"),
    }
    blocking = [problem for problem in problems if problem.is_blocking and problem.place in pages]
    is_sender_told = any(problem.place == "senders" for problem in blocking)
    stuck = _stuck_senders([campaign.pk]).get(campaign.pk) if is_sender_told else None
    if stuck is not None:
        label = _("Verify the sender") if stuck.is_unverified else _("Open the sender")
        pages["senders"] = Action(label, page="senders:detail", number=stuck.number)
    for problem in blocking:
        yield Obstacle(problem.text, pages[problem.place])
