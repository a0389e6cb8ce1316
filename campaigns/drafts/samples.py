"""People of running campaigns as cases on which a pack for drafts can be tried."""

from __future__ import annotations

from campaigns.drafts.facts import choose_language
from campaigns.drafts.workflow import collected
from campaigns.models import Candidate
from campaigns.steps.models import Step
from leads.insights import selectors as insights
from outreach.prompts.pack import Case, Pack
from outreach.prompts.testing import Sample


def of_pack(pack: Pack, most: int) -> list[Sample]:
    """The newest candidates with the values that a draft of theirs would have; none for packs of other purposes."""
    if pack.purpose != "draft" or pack.channel == "any":
        return []
    rows = Candidate.objects.filter(lead__erased_at=None, campaign__steps__sender__channel=pack.channel)
    rows = rows.select_related("lead__company", "campaign").order_by("-pk").distinct()[:most]
    senders: dict[int, Step] = {}
    steps = Step.objects.filter(campaign__in={c.campaign_id for c in rows}, sender__channel=pack.channel)
    for step in steps.select_related("sender").order_by("-number"):
        senders[step.campaign_id] = step
    return [_sample(candidate, senders[candidate.campaign_id], pack) for candidate in rows]


def _sample(candidate: Candidate, step: Step, pack: Pack) -> Sample:
    lead = candidate.lead
    language = choose_language(lead, pack.languages)
    found = collected(candidate, sender=step.first_sender, language=language, quotes=insights.for_drafts(lead))
    label = f"{lead} · {lead.company.name}" if lead.company else str(lead)
    case = Case(
        name=label, language=language, variant=pack.variant_names()[0] if pack.variants else "", inputs=found.values
    )
    return Sample(label, case)
