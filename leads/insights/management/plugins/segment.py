"""`manage.py segment research NUMBER`: a research job over the newest leads of a segment."""

from __future__ import annotations

from typing import Annotated

import typer

from leads.insights import services, terminal
from leads.segments.management.commands.segment import Command as SegmentCommand
from leads.segments.models import Segment
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


@SegmentCommand.command()
def research(  # type: ignore[no-untyped-def]
    self,
    segment: Annotated[str, typer.Argument(help="Number or name of a segment")],
    brief: Annotated[str, typer.Option(help="Number or name of the brief to judge the fit by")] = "",
    limit: Annotated[int, typer.Option(help="How many of the newest leads")] = 200,
    as_json: AsJson = False,
) -> None:
    """Start a research job over the newest leads of a segment; `manage.py up` or a worker does it."""
    with explained_errors(as_json=as_json):
        rows = Segment.objects.filter(pk=int(segment)) if segment.isdecimal() else Segment.objects.filter(name=segment)
        row = rows.first()
        if row is None:
            raise Invalid("segment", f"There is no segment {segment}.", code="not_found")
        job = services.start_research(segment=row, brief=terminal.brief_named(brief), limit=limit)
        emit([{"job": job.pk, "state": job.state, "leads": job.total_count}], as_json=as_json)
