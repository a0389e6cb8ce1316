"""What people are notified of in this wing."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy

from campaigns import counts
from campaigns.drafts.models import Draft
from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.words import ngettext
from outreach.notifications.kinds import NoticeKind, Seen

MOST = 50


def drafts_waiting() -> Iterator[Seen]:
    """Drafts that wait for a person; once a day."""
    rows = Draft.objects.filter(step__campaign__state__in=CAMPAIGN.live)
    count = sum(counts.to_review_by_campaign(rows).values())
    if count:
        text = ngettext("%(count)s message waits for review", "%(count)s messages wait for review", count)
        yield Seen(f"{clock.now():%Y-%m-%d}", text % {"count": count}, reverse("drafts:queue"))


def stuck() -> Iterator[Seen]:
    """Campaigns that should send and do not; once a day for each reason."""
    rows = Campaign.objects.filter(state=CAMPAIGN.SENDING).select_related("segment_version__segment", "brief", "stream")
    campaigns = list(rows.order_by("-pk")[:MOST])
    known, now = facts.facts_of(campaigns, selectors.standing(campaigns)), clock.now()
    for campaign in campaigns:
        found = situation(known[campaign.pk], now=now)
        if found.tone == "amber":
            text = f"{campaign.name}: {found.title}. {found.text}"
            yield Seen(
                f"{campaign.pk} {found.title} {now:%Y-%m-%d}", text, reverse("campaigns:detail", args=[campaign.pk])
            )


KINDS = [
    NoticeKind(
        "drafts",
        gettext_lazy("Drafts waiting"),
        gettext_lazy("Messages wait for review; once a day."),
        role=Role.REVIEWER,
        watch=drafts_waiting,
        is_on=False,
    ),
    NoticeKind(
        "stuck",
        gettext_lazy("Campaign stuck"),
        gettext_lazy("A running campaign doesn't get on; once a day for each reason."),
        role=Role.OPERATOR,
        watch=stuck,
    ),
]
