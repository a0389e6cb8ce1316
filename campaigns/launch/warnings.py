"""What would do harm although nothing is broken: writing twice, unread drafts, risky words, a list that takes weeks."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from django.conf import settings

from campaigns import counts
from campaigns.audience.busy import busy_candidates
from campaigns.drafts.guardrails import RISKY
from campaigns.drafts.models import DRAFT, Draft
from campaigns.launch.objections import Objection
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from campaigns.steps.models import Step
from campaigns.steps.senders import senders_of
from conversations.outbox import quotas
from conversations.senders import policy
from outreach.core import clock
from outreach.core.words import gettext as _
from outreach.core.words import ngettext
from outreach.limits.models import Allowance

LONG_DAYS = 5
LOOKED_AT = 2_000
"""So many people are looked at, to tell how many would hear from us twice."""


def warnings(campaign: Campaign, steps: list[Step]) -> list[Objection]:
    """All of them, for the campaign with these steps. Only writing to people who are all in another running campaign forbids the start."""
    if campaign.mode == Campaign.Mode.DAILY or not campaign.audience_frozen_at:
        return []
    waiting = campaign.candidates.filter(stage__in=CANDIDATE.not_contacted).count()
    if not waiting:
        return []
    twice = (
        _twice(campaign, waiting) if campaign.state in CAMPAIGN.editable else ()
    )  # once it writes, it contacted them
    return [*twice, *_drafts(campaign), *_pace(campaign, steps, waiting)]


def _twice(campaign: Campaign, waiting: int) -> Iterator[Objection]:
    count, is_more = busy_candidates(campaign, most=LOOKED_AT), waiting > LOOKED_AT
    if is_more and count == LOOKED_AT:
        count, is_more = busy_candidates(campaign), False
    days = settings.OUTREACH.preflight.recent_contact_days
    if count == waiting and not campaign.keeps_busy:
        text = ngettext(
            "The only person here is in another running campaign or was contacted in the last %(days)s days.",
            "All %(count)s people are in another running campaign or were contacted in the last %(days)s days.",
            count,
        )
        yield Objection("busy", text % {"count": count, "days": days}, True)
    elif count and is_more:
        text = _(
            "Of %(looked_at)s people looked at, %(count)s are in another running campaign or were contacted in the last "
            "%(days)s days. There are %(total)s people in all."
        )
        yield Objection("busy", text % {"looked_at": LOOKED_AT, "count": count, "total": waiting, "days": days}, False)
    elif count:
        text = ngettext(
            "%(count)s of %(total)s people is in another running campaign or was contacted in the last %(days)s days.",
            "%(count)s of %(total)s people are in another running campaign or were contacted in the last %(days)s days.",
            count,
        )
        yield Objection("busy", text % {"count": count, "total": waiting, "days": days}, False)


def _drafts(campaign: Campaign) -> Iterator[Objection]:
    unread = counts.review_by_campaign([campaign.pk]).get(campaign.pk, (0, 0))[1]
    drafts = Draft.objects.filter(step__campaign=campaign, state__in=DRAFT.open, risk__gte=RISKY)
    risky = drafts.filter(candidate__stage__in=CANDIDATE.not_contacted).count()
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
