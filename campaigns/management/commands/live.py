"""`manage.py live`: live sets of candidates from the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from campaigns.audience import live, shortlist
from campaigns.audience.models import LiveSet
from campaigns.terminal import found_campaign
from leads.segments.models import Segment
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

Target = Annotated[str, typer.Argument(help="Number or name of a campaign")]


class Command(TyperCommand):
    help = "Show live sets of candidates, match them, look at changed leads"

    @command("list")
    def list_sets(self, as_json: AsJson = False) -> None:
        """All live sets with their sizes."""
        rows = LiveSet.objects.select_related("campaign", "segment_version__segment").order_by("campaign_id")
        emit((_described(row) for row in rows), as_json=as_json)

    @command()
    def show(self, campaign: Target, limit: int = 20, as_json: AsJson = False) -> None:
        """The leads of one campaign's set that would be taken next, best first."""
        with explained_errors(as_json=as_json):
            best = shortlist.peek(campaign=found_campaign(campaign), limit=max(1, min(limit, 10_000)))
            emit(({"lead": lead, "rank": rank} for lead, rank in best), as_json=as_json)

    @command()
    def match(self, campaign: Target, as_json: AsJson = False) -> None:
        """Match one campaign against all leads now."""
        with explained_errors(as_json=as_json):
            found = found_campaign(campaign)
            if live.ensure(campaign=found) is None:
                raise Refused("Only a daily campaign that is ready, sending or paused has a live set.", code="not_live")
            live.match(campaign_id=found.pk)
            emit([_described(LiveSet.objects.get(campaign=found))], as_json=as_json)

    @command()
    def drain(self, as_json: AsJson = False) -> None:
        """Process what is due: sets of campaigns that became live, windows that passed, leads that changed."""
        with explained_errors(as_json=as_json):
            done = live.tick()
            emit([vars(done)], as_json=as_json)

    @command()
    def criteria(
        self,
        campaign: Target,
        segment: Annotated[str, typer.Argument(help="Name of a segment; its newest version is used")],
        scope: Annotated[str, typer.Option(help="new: candidates in progress stay; all: they are matched too")] = "new",
        as_json: AsJson = False,
    ) -> None:
        """Match a live campaign by another segment or its newer version."""
        with explained_errors(as_json=as_json):
            found = Segment.objects.filter(name=segment).first()
            version = found.current if found else None
            if version is None:
                raise Invalid("segment", f"There is no segment “{segment}”.")
            changed = live.change_criteria(
                campaign=found_campaign(campaign),
                segment_version=version,
                scope=scope,
                actor=Actor.system("command line"),
            )
            emit([_described(LiveSet.objects.get(campaign=changed))], as_json=as_json)


def _described(row: LiveSet) -> dict[str, Any]:
    return {
        "campaign": row.campaign_id,
        "name": row.campaign.name,
        "criteria": str(row.segment_version),
        "waiting": row.size,
        "is_full": row.floor_rank is not None,
        "entered": row.entered_count,
        "left": row.left_count,
        "evicted": row.evicted_count,
        "matched_at": row.matched_at,
    }
