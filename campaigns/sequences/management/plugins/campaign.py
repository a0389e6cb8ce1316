"""`manage.py campaign timeline|tomorrow|tasks|task`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from campaigns.management.commands.campaign import Command as Campaign
from campaigns.terminal import Name, found_campaign
from outreach.access.terminal import found_user
from outreach.core.errors import Invalid
from outreach.core.terminal import AsJson, emit, explained_errors


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
    from campaigns.sequences import forecast
    from campaigns.sequences.views import lines

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
    from campaigns.sequences.api import as_json as plain
    from campaigns.sequences.tomorrow import tomorrow

    with explained_errors(as_json=as_json):
        found = plain(tomorrow(day=_day(day)))
        emit(found["shares"] if not as_json else [found], as_json=as_json, title=f"{found['day']}")


@Campaign.command()
def tasks(self, as_json: AsJson = False) -> None:  # type: ignore[no-untyped-def]
    """The tasks that wait for a person."""
    from campaigns.sequences.turns import open_tasks

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
    skip: Annotated[bool, typer.Option("--skip", help="Leave it out instead")] = False,
    note: str = "",
    as_json: AsJson = False,
) -> None:
    """Mark a task done, or skip it; the sequence goes on."""
    from campaigns.sequences import turns
    from campaigns.sequences.models import Turn

    with explained_errors(as_json=as_json):
        person, turn = found_user(user), Turn.objects.select_related("step", "candidate").filter(pk=task).first()
        if person is None or turn is None:
            raise Invalid("task" if turn is None else "user", "There is no such task or user.")
        (turns.skip_task if skip else turns.do_task)(turn=turn, user=person, note=note)
        emit([{"task": turn.pk, "state": turn.state}], as_json=as_json)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("day", "Write the day as 2030-01-31.") from error
