"""What the pages of a person and of a company show of campaigns."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.models import CANDIDATE, Campaign, Candidate
from conversations.models import Message
from leads.models import Company, Lead
from leads.panels import Panel

MOST_MESSAGES = 60
SHOWN = 4


@dataclass
class Part:
    """One campaign with a person in it: what left, and what leaves next."""

    candidate: Candidate
    sent: list[Message] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)

    @property
    def recent(self) -> list[Message]:
        """The newest that left."""
        return self.sent[:SHOWN]


def lead_campaigns(request: HttpRequest, lead: Lead) -> Panel | None:
    """Each campaign with the stage, the messages sent, and the next ones with their time."""
    candidates = Candidate.objects.filter(lead=lead).select_related("campaign__stream", "verdict").order_by("-pk")[:20]
    parts = {candidate.campaign.stream_id: Part(candidate) for candidate in candidates}
    if not parts:
        return None
    messages = Message.objects.outgoing().filter(lead=lead, stream__in=parts).select_related("sender")
    for message in messages.waiting().order_by("scheduled_at")[:MOST_MESSAGES]:
        parts[message.stream_id or 0].waiting.append(message)
    for message in messages.exclude(sent_at=None).order_by("-sent_at")[:MOST_MESSAGES]:
        parts[message.stream_id or 0].sent.append(message)
    return Panel(_("Campaigns"), "campaigns/audience/_lead_panel.html", {"parts": list(parts.values())})


@dataclass(frozen=True)
class Share:
    """One campaign with how many of a company's people it has, wrote to, and heard from."""

    campaign: Campaign
    people: int
    reached: int
    answered: int


def company_campaigns(request: HttpRequest, company: Company) -> Panel | None:
    """The campaigns that the company's people are in, and who answered."""
    counts = (
        Candidate.objects.filter(lead__company=company)
        .exclude(stage__in=CANDIDATE.removed)
        .values("campaign")
        .annotate(
            people=Count("pk"),
            reached=Count("pk", filter=Q(stage__in=CANDIDATE.reached)),
            answered=Count("pk", filter=Q(stage__in=CANDIDATE.answered)),
        )
        .order_by("-campaign")[:20]
    )
    found = {row["campaign"]: row for row in counts}
    campaigns = Campaign.objects.filter(pk__in=found).order_by("-pk")
    shares = [Share(c, found[c.pk]["people"], found[c.pk]["reached"], found[c.pk]["answered"]) for c in campaigns]
    return Panel(_("Campaigns"), "campaigns/audience/_company_panel.html", {"shares": shares}) if shares else None
