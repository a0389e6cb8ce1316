"""What would do harm although nothing is broken: writing twice, unread drafts, risky words, a list that takes weeks."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.audience.busy import busy_candidates
from campaigns.drafts.models import DRAFT, Draft
from campaigns.launch.objections import Objection
from campaigns.models import CANDIDATE, Campaign
from campaigns.steps.models import Step
from campaigns.steps.senders import senders_of
from conversations.outbox import quotas
from conversations.senders import policy
from outreach.core import clock
from outreach.limits.models import Allowance

RISKY = 0.3
"""From this risk on a draft is worth a second look: pay, promises without a fact, forbidden words."""
LONG_DAYS = 5


def warnings(campaign: Campaign, steps: list[Step]) -> list[Objection]:
    """All of them, for the campaign with these steps. Only writing to people who are all in another running campaign forbids the start."""
    if campaign.mode == Campaign.Mode.DAILY or not campaign.audience_frozen_at:
        return []
    waiting = campaign.candidates.filter(stage__in=CANDIDATE.not_contacted).count()
    if not waiting:
        return []
    return [*_twice(campaign, waiting), *_drafts(campaign), *_pace(campaign, steps, waiting)]


def _twice(campaign: Campaign, waiting: int) -> Iterator[Objection]:
    count = busy_candidates(campaign)
    days = settings.OUTREACH.preflight.recent_contact_days
    if count == waiting and not campaign.keeps_busy:
        text = ngettext(
            "The only person here is in another running campaign or was contacted in the last %(days)s days.",
            "All %(count)s people are in another running campaign or were contacted in the last %(days)s days.",
            count,
        )
        yield Objection("busy", text % {"count": count, "days": days}, True)
    elif count:
        text = ngettext(
            "%(count)s of %(total)s people is in another running campaign or was contacted in the last %(days)s days.",
            "%(count)s of %(total)s people are in another running campaign or were contacted in the last %(days)s days.",
            count,
        )
        yield Objection("busy", text % {"count": count, "total": waiting, "days": days}, False)


def _drafts(campaign: Campaign) -> Iterator[Objection]:
    drafts = Draft.objects.filter(step__campaign=campaign, candidate__stage__in=CANDIDATE.not_contacted)
    found = drafts.filter(state__in=DRAFT.open).aggregate(
        unread=Count("candidate", distinct=True, filter=Q(state=DRAFT.PENDING_REVIEW)),
        risky=Count("pk", filter=Q(risk__gte=RISKY)),
    )
    unread, risky = found["unread"], found["risky"]
    if unread:
        text = ngettext(
            "The drafts for %(count)s person are not reviewed. They stay unsent until you approve them.",
            "The drafts for %(count)s people are not reviewed. They stay unsent until you approve them.",
            unread,
        )
        yield Objection("unread", text % {"count": unread}, False)
    if risky:
        text = ngettext(
            "%(count)s draft has words or claims that spam filters or readers may object to. Review it.",
            "%(count)s drafts have words or claims that spam filters or readers may object to. Review them.",
            risky,
        )
        yield Objection("unread", text % {"count": risky}, False)


def _pace(campaign: Campaign, steps: list[Step], waiting: int) -> Iterator[Objection]:
    """How long the list takes within the senders' limits of today and the campaign's own."""
    now = clock.now()
    senders = senders_of(campaign, steps)
    keys = {quotas.sender_key(sender.pk): sender for sender in senders}
    usages = dict(Allowance.objects.filter(key__in=keys).values_list("key", "usage"))
    daily = sum(policy.daily_allowance(sender, usages.get(key, {}), now) for key, sender in keys.items())
    if campaign.stream.daily_cap is not None:
        daily = min(daily, campaign.stream.daily_cap)
    if daily and ceil(waiting / daily) > LONG_DAYS:
        yield Objection(
            "limits",
            _("At %(daily)s messages a day it takes about %(days)s sending days to write to all %(count)s people.")
            % {"daily": daily, "days": ceil(waiting / daily), "count": waiting},
            False,
        )
