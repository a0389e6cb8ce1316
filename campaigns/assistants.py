"""What assistants may read of campaigns, and the texts that they may propose for drafts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from campaigns.drafts.models import Draft
from campaigns.drafts.services import propose
from campaigns.models import CAMPAIGN, Campaign
from campaigns.overview import facts, selectors
from campaigns.overview.situation import situation
from campaigns.review.wording import flag_sentence
from outreach.access.roles import Role
from outreach.assistants.tools import MAX_ROWS, Arguments, Caller, Tool
from outreach.core import clock
from outreach.core.errors import Invalid


class ListCampaigns(Arguments):
    state: str = Field(default="", description=f"One of: {', '.join(CAMPAIGN.states)}; empty: all but archived ones")
    text: str = Field(default="", max_length=200, description="A part of the name")
    after: int = Field(default=0, ge=0, description="`next_after` of the page before")
    limit: int = Field(default=20, ge=1, le=MAX_ROWS)


class ReadCampaign(Arguments):
    id: int


class ListDrafts(Arguments):
    campaign: int
    after: int = Field(default=0, ge=0, description="`next_after` of the page before")
    limit: int = Field(default=10, ge=1, le=MAX_ROWS)


class ProposeDraft(Arguments):
    draft: int
    version: int = Field(description="The version you read; a newer one is not overwritten")
    subject: str = Field(default="", max_length=255)
    body: str = Field(min_length=1, max_length=20_000)
    note: str = Field(default="", max_length=200, description="What is better now, in a few words, for the reviewer")


def list_campaigns(caller: Caller, given: ListCampaigns) -> dict[str, Any]:
    """One page of campaigns with what is happening in each."""
    if given.state and given.state not in CAMPAIGN.states:
        raise Invalid("state", str(_("Use one of: %(known)s.")) % {"known": ", ".join(CAMPAIGN.states)})
    rows = list(selectors.campaign_rows(state=given.state, search=given.text, after=given.after, limit=given.limit + 1))
    page, is_more = rows[: given.limit], len(rows) > given.limit
    return {"campaigns": _described(page), "next_after": page[-1].pk if is_more else None}


def read_campaign(caller: Caller, given: ReadCampaign) -> dict[str, Any]:
    """One campaign: what is happening, its numbers, steps and what people wrote."""
    campaign = _campaign(given.id)
    steps = [
        {"number": step.number, "channel": step.channel, "wait_days": step.delay_days}
        for step in campaign.steps.order_by("number")
    ]
    replies = [
        {"name": str(reply.lead), "their_words": reply.text, "at": reply.replied_at}
        for reply in selectors.latest_replies(campaign)
    ]
    return _described([campaign])[0] | {"goal": campaign.goal, "steps": steps, "latest_replies": replies}


def list_drafts(caller: Caller, given: ListDrafts) -> dict[str, Any]:
    """Drafts of a campaign that wait for a person."""
    rows = Draft.objects.to_review().filter(step__campaign=_campaign(given.campaign), pk__gt=given.after)
    found = list(rows.select_related("candidate__lead__company", "step").order_by("pk")[: given.limit + 1])
    page, is_more = found[: given.limit], len(found) > given.limit
    return {"drafts": [_draft(row) for row in page], "next_after": page[-1].pk if is_more else None}


def propose_draft(caller: Caller, given: ProposeDraft) -> dict[str, Any]:
    """Put another text beside a draft."""
    draft = Draft.objects.filter(pk=given.draft).first()
    if draft is None:
        raise Invalid("draft", str(_("There is no draft %(id)s.")) % {"id": given.draft})
    revision = propose(
        draft=draft,
        version=given.version,
        subject=given.subject or draft.subject,
        body=given.body,
        note=given.note,
        program=caller.program,
        user=caller.user,
    )
    return {"proposal": revision.pk, "next": "The reviewer sees it beside the draft and uses or dismisses it."}


def _campaign(pk: int) -> Campaign:
    row = Campaign.objects.select_related("segment_version__segment", "brief", "stream").filter(pk=pk).first()
    if row is None:
        raise Invalid("campaign", str(_("There is no campaign %(id)s.")) % {"id": pk})
    return row


def _described(rows: list[Campaign]) -> list[dict[str, Any]]:
    standing = selectors.standing(rows)
    known = facts.facts_of(rows, standing)
    told = []
    for row in rows:
        found = situation(known[row.pk], now=clock.now())
        told.append(
            {
                "id": row.pk,
                "name": row.name,
                "state": row.state,
                "situation": found.title,
                "why": found.text,
                "next_step": str(found.action.label),
                "drafts_to_review": standing[row.pk].drafts_to_review,
                "numbers": standing[row.pk].numbers.as_dict(),
            }
        )
    return told


def _draft(row: Draft) -> dict[str, Any]:
    lead = row.candidate.lead
    return {
        "id": row.pk,
        "version": row.version,
        "person": {"id": lead.pk, "name": lead.full_name, "title": lead.title, "company": str(lead.company or "")},
        "step": row.step.number,
        "channel": row.step.channel,
        "variant": row.variant,
        "language": row.language,
        "subject": row.subject,
        "body": row.body,
        "risks": [flag_sentence(flag) for flag in row.flags],
        "facts": [{"name": fact["name"], "value": fact["value"]} for fact in row.facts if fact.get("value")],
    }


TOOLS = [
    Tool(
        "list_campaigns",
        _("List campaigns"),
        _("Campaigns with what is happening in each, why, what comes next, and their numbers."),
        ListCampaigns,
        list_campaigns,
    ),
    Tool(
        "read_campaign",
        _("Read a campaign"),
        _("One campaign: what is happening, its numbers, its steps and the latest replies."),
        ReadCampaign,
        read_campaign,
    ),
    Tool(
        "list_drafts",
        _("List drafts"),
        _("Drafts of a campaign that wait for review, with their facts and risks."),
        ListDrafts,
        list_drafts,
    ),
    Tool(
        "propose_draft",
        _("Propose a draft"),
        _("Put a better text beside a draft. A reviewer uses or dismisses it; the draft itself doesn't change."),
        ProposeDraft,
        propose_draft,
        Role.REVIEWER,
        is_proposal=True,
    ),
]
