"""Let a running campaign write earlier: now, for today only, or in wider hours from now on."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from campaigns.launch.hours import check_hours
from campaigns.models import CAMPAIGN, Campaign
from campaigns.steps.senders import senders_of
from conversations.models import Message
from conversations.outbox import streams
from conversations.planning.reopening import Reopened, reopen
from outreach.access.models import User
from outreach.core import audit, clock
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.templatetags.outreach import exact
from outreach.core.words import gettext as _
from outreach.core.words import joined, ngettext
from outreach.jobs.models import Job
from outreach.jobs.services import start_job
from outreach.limits.calendars import parse_window

AT_ONCE = 2_000
"""Up to so many planned messages get their new time while the person waits; more by a job."""
WIDER = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "20:00"}
FIRST = Q(draft__step__number=1)
TODAY = timedelta(hours=12)


def first_messages(campaign: Campaign) -> Q:
    """Planned messages to people whom the campaign has not written to yet."""
    return FIRST & Q(stream=campaign.stream_id)


def send_now(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Reopened | Job:
    """Let the planned first messages leave now, for the next twelve hours whatever the campaign's own hours are.

    Quiet hours and public holidays of the recipient, consent, opt-outs, the sender's hours and every cap still hold.
    Raises `Refused` when the campaign isn't sending or nothing waits. Returns a job where there are very many.
    """
    if campaign.pk not in Campaign.objects.sending().filter(pk=campaign.pk).values_list("pk", flat=True):
        raise Refused(_("The campaign isn't running."), code="not_running")
    if not Message.objects.waiting().filter(first_messages(campaign)).exists():
        raise Refused(_("No first messages are planned, so there is nothing to send now."), code="nothing_planned")
    return _reopen_or_start(campaign, actor, started_by, {"sends_now": True})


def widen_hours(*, campaign: Campaign, actor: Actor, started_by: User | None = None) -> Reopened | Job:
    """Open the campaign every day from 8 to 20 o'clock in the recipient's time, or at any time where that is no more
    than it has. Planned messages get new times. Raises `Refused` once the campaign is over or open at any time.
    """
    if campaign.state in CAMPAIGN.over:
        raise Refused(_("This campaign has ended and cannot be changed. Create a new one."))
    if not campaign.stream.window:
        raise Refused(_("This campaign already sends at any time."), code="always_open")
    now, wider = parse_window(campaign.stream.window), parse_window(WIDER)
    is_wider = now.days == wider.days and now.start <= wider.start and now.end >= wider.end
    window = {} if is_wider else WIDER
    check_hours(window, senders_of(campaign))
    stream = campaign.stream
    with transaction.atomic():
        streams.update_stream(
            stream=stream, actor=actor, window=window, daily_cap=stream.daily_cap, priority=stream.priority
        )
        audit.record("campaign.hours_widened", subject=campaign, actor=actor, data={"window": window})
    return _reopen_or_start(campaign, actor, started_by, {})


def follow_hours(campaign: Campaign, *, applies_to: str, actor: Actor) -> Reopened | Job:
    """Give planned messages new times after the campaign's hours changed: all of them, or (`new`) first messages only."""
    return _reopen_or_start(campaign, actor, None, {"only_first": applies_to == "new"})


def _reopen_or_start(
    campaign: Campaign, actor: Actor, started_by: User | None, options: dict[str, bool]
) -> Reopened | Job:
    waiting = Message.objects.waiting().filter(stream=campaign.stream_id)
    if waiting[: AT_ONCE + 1].count() <= AT_ONCE:
        return reopen_planned(campaign, actor=actor, **options)
    return start_job(
        kind="campaign.reopen",
        task="campaigns.launch.tasks.reopen",
        arguments={"campaign_id": campaign.pk, **options},
        subject=campaign,
        started_by=started_by,
    )


def reopen_planned(campaign: Campaign, *, actor: Actor, sends_now: bool = False, only_first: bool = False) -> Reopened:
    """The work itself, with its audit row."""
    chosen = first_messages(campaign) if sends_now or only_first else Q(stream=campaign.stream_id)
    reason = _("A person chose “Send now”.") if sends_now else _("The campaign's hours were changed.")
    until = clock.now() + TODAY if sends_now else None
    with transaction.atomic():
        found = reopen(chosen, actor=actor, reason=reason, send_now_until=until)
        action = "campaign.sent_now" if sends_now else "campaign.reopened"
        audit.record(action, subject=campaign, actor=actor, data={"total": found.total, "due": found.due})
    return found


def in_words(found: Reopened | Job) -> str:
    """What came of it, for the person who pressed the button."""
    if isinstance(found, Job):
        return _("The planned messages are getting new times. The page shows the progress.")
    leaving = ngettext(
        "%(count)s message can leave now, as fast as the sender's limits allow.",
        "%(count)s messages can leave now, as fast as the sender's limits allow.",
        found.due,
    ) % {"count": found.due}
    if found.next_at is None:
        return leaving
    later = ngettext(
        "%(count)s waits until %(at)s (%(why)s).",
        "%(count)s wait, the first until %(at)s (%(why)s).",
        found.total - found.due,
    ) % {"count": found.total - found.due, "at": exact(found.next_at), "why": found.closed or _("its own time")}
    return joined(" ", (leaving, later)) if found.due else later
