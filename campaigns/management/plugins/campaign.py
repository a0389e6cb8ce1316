"""`manage.py campaign generate-drafts|review|approve|send-now|widen-hours|timeline|tomorrow|tasks|task`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from campaigns.drafts import services as drafts
from campaigns.drafts.models import Draft
from campaigns.journey import forecast, turns
from campaigns.journey.api import as_json as plain
from campaigns.journey.models import Turn
from campaigns.journey.tomorrow import tomorrow as dry_run
from campaigns.journey.turns import open_tasks
from campaigns.journey.views import lines
from campaigns.launch import timing
from campaigns.management.commands.campaign import Command as Campaign
from campaigns.review.services import approve as approve_draft
from campaigns.terminal import ACTOR, Name, Wait, drain_now, emit_job, found_campaign
from conversations.planning.reopening import Reopened
from outreach.access.terminal import found_user
from outreach.core.errors import Invalid, OutreachError
from outreach.core.terminal import AsJson, emit, explained_errors
from outreach.jobs.models import Job


@Campaign.command(name="generate-drafts")
def generate_drafts(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Write drafts for all who qualified."""

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
    every: Annotated[bool, typer.Option("--all", help="Everything waiting for review")] = False,
    variant: Annotated[str, typer.Option(help="With --all: the variant to approve in each pair")] = "",
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Approve drafts, one variant of each step for each person."""

    with explained_errors(as_json=as_json):
        person = found_user(user)
        if person is None:
            raise Invalid("user", "Approval needs a person: --user LOGIN.")
        waiting = Draft.objects.to_review().filter(candidate__campaign=found_campaign(campaign))
        if not every:
            if not draft:
                raise Invalid("draft", "Choose drafts with --draft or use --all.")
            waiting = waiting.filter(pk__in=draft)
        if variant:
            waiting = waiting.filter(variant=variant)
        counts = {"approved": 0, "refused": 0}
        taken: set[tuple[int, int]] = set()
        for row in waiting.order_by("candidate", "step__number", "variant"):
            if (row.candidate_id, row.step_id) in taken:
                continue
            try:
                approve_draft(draft=row, version=row.version, user=person)
            except OutreachError:
                counts["refused"] += 1
                continue
            taken.add((row.candidate_id, row.step_id))
            counts["approved"] += 1
        if wait:
            drain_now()
        emit([counts], as_json=as_json, title="Approved")


@Campaign.command(name="send-now")
def send_now(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Let planned first messages leave now, for twelve hours, whatever the campaign's own hours are."""

    with explained_errors(as_json=as_json):
        found = timing.send_now(campaign=found_campaign(campaign), actor=ACTOR)
        _emit_timing(found, wait=wait, as_json=as_json)


@Campaign.command(name="widen-hours")
def widen_hours(self, campaign: Name, wait: Wait = False, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """Send every day from 08:00 to 20:00; where that is no more than now, at any time."""

    with explained_errors(as_json=as_json):
        found = timing.widen_hours(campaign=found_campaign(campaign), actor=ACTOR)
        _emit_timing(found, wait=wait, as_json=as_json)


def _emit_timing(found: Reopened | Job, *, wait: bool, as_json: bool) -> None:
    if isinstance(found, Job):
        emit_job(found, wait=wait, as_json=as_json)
    else:
        emit([vars(found) | {"text": timing.in_words(found)}], as_json=as_json)


@Campaign.command()
def timeline(  # type: ignore[no-untyped-def]
    self,
    campaign: Name,
    step: Annotated[int, typer.Option(help="Only this step")] = 0,
    state: Annotated[str, typer.Option(help="sent, planned, forecast, review, unsure or task")] = "",
    limit: int = 200,
    as_json: AsJson = False,
) -> None:
    """Every message with its time, sender and text, before and while the campaign runs."""

    with explained_errors(as_json=as_json):
        found = forecast.timeline(found_campaign(campaign), people=forecast.MOST_PEOPLE * 10)
        chosen = list(forecast.choose(found.entries, step=step, state=state))[:limit]
        names = ("recipient_time", "recipient_zone", "name", "step", "sender", "state", "held_by", "subject")
        rows = lines(chosen)
        emit(rows if as_json else ({n: row[n] for n in names} for row in rows), as_json=as_json, title="Timeline")


@Campaign.command()
def tomorrow(  # type: ignore[no-untyped-def]
    self, day: Annotated[str, typer.Option(help="Another day, 2030-01-31")] = "", as_json: AsJson = False
) -> None:
    """A dry run: what would leave from each sender, and which limit holds the rest back."""

    with explained_errors(as_json=as_json):
        found = plain(dry_run(day=_day(day)))
        emit(found["shares"] if not as_json else [found], as_json=as_json, title=f"{found['day']}")


@Campaign.command()
def tasks(self, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """The tasks that wait for a person."""

    with explained_errors(as_json=as_json):
        emit(
            (
                {
                    "task": turn.pk,
                    "campaign": turn.candidate.campaign.name,
                    "lead": str(turn.candidate.lead),
                    "do": turn.step.instructions,
                    "since": turn.due_at,
                }
                for turn in open_tasks()[:500]
            ),
            as_json=as_json,
            title="Tasks",
        )


@Campaign.command(name="task")
def settle_task(  # type: ignore[no-untyped-def]
    self,
    task: Annotated[int, typer.Argument(help="Id of the task")],
    user: Annotated[str, typer.Option(help="Login name of the person")],
    skip: Annotated[bool, typer.Option("--skip", help="Skip it instead")] = False,
    note: str = "",
    as_json: AsJson = False,
) -> None:
    """Mark a task done, or skip it; the sequence continues."""

    with explained_errors(as_json=as_json):
        person, turn = found_user(user), Turn.objects.select_related("step", "candidate").filter(pk=task).first()
        if person is None or turn is None:
            raise Invalid("task" if turn is None else "user", "Unknown task or user.")
        (turns.skip_task if skip else turns.do_task)(turn=turn, user=person, note=note)
        emit([{"task": turn.pk, "state": turn.state}], as_json=as_json)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("day", "Enter the day in the form 2030-01-31.") from error
