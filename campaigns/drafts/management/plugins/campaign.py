"""`manage.py campaign generate-drafts|review|approve`."""

from __future__ import annotations

from typing import Annotated

import typer

from campaigns.management.commands.campaign import Command as Campaign
from campaigns.terminal import Name, Wait, drain_now, emit_job, found_campaign
from outreach.access.terminal import found_user
from outreach.core.errors import Invalid, OutreachError
from outreach.core.terminal import AsJson, emit, explained_errors


@Campaign.command(name="generate-drafts")
def generate_drafts(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Write drafts for all who qualified."""
    from campaigns.drafts import services as drafts

    with explained_errors(as_json=as_json):
        emit_job(drafts.generate(campaign=found_campaign(campaign), started_by=None), wait=wait, as_json=as_json)


@Campaign.command()
def review(  # type: ignore[no-untyped-def]
    self,
    campaign: Name,
    state: Annotated[str, typer.Option(help="pending_review, approved, rejected …; empty: all")] = "pending_review",
    limit: int = 100,
    as_json: AsJson = False,
) -> None:
    """Print drafts for reading."""
    from campaigns.drafts.models import Draft

    with explained_errors(as_json=as_json):
        drafts = Draft.objects.filter(candidate__campaign=found_campaign(campaign)).select_related(
            "candidate__lead", "step"
        )
        if state:
            drafts = drafts.filter(state=state)
        emit(
            (
                {
                    "draft": d.pk,
                    "lead": str(d.candidate.lead),
                    "step": d.step.number,
                    "variant": d.variant,
                    "state": d.state,
                    "risk": d.risk,
                    "subject": d.subject,
                    "body": d.body,
                }
                for d in drafts.order_by("candidate", "step__number", "variant")[:limit]
            ),
            as_json=as_json,
            title="Drafts",
        )


@Campaign.command()
def approve(  # type: ignore[no-untyped-def]
    self,
    campaign: Name,
    user: Annotated[str, typer.Option(help="Login name of the person who approves")],
    draft: Annotated[list[int] | None, typer.Option(help="Draft id; may be repeated")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that waits for review")] = False,
    variant: Annotated[str, typer.Option(help="With --all: the variant to take of each pair")] = "",
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Approve drafts, one variant of each step for each person."""
    from campaigns.drafts import services as drafts
    from campaigns.drafts.models import Draft

    with explained_errors(as_json=as_json):
        person = found_user(user)
        if person is None:
            raise Invalid("user", "Approval needs a person: --user LOGIN.")
        waiting = Draft.objects.filter(candidate__campaign=found_campaign(campaign), state="pending_review")
        if not every:
            if not draft:
                raise Invalid("draft", "Name drafts with --draft, or take --all.")
            waiting = waiting.filter(pk__in=draft)
        if variant:
            waiting = waiting.filter(variant=variant)
        counts = {"approved": 0, "refused": 0}
        taken: set[tuple[int, int]] = set()
        for row in waiting.order_by("candidate", "step__number", "variant"):
            if (row.candidate_id, row.step_id) in taken:
                continue
            try:
                drafts.approve(draft=row, version=row.version, user=person)
            except OutreachError:
                counts["refused"] += 1
                continue
            taken.add((row.candidate_id, row.step_id))
            counts["approved"] += 1
        if wait:
            drain_now()
        emit([counts], as_json=as_json, title="Approved")
