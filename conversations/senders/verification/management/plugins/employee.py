"""`employee find-email`: ask a finder for the addresses of people who have none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from conversations.senders.verification import services
from leads.directory.management.commands.employee import Command as Employee
from leads.directory.management.commands.employee import person_named
from outreach.core.errors import OutreachError, Permanent
from outreach.core.models import Actor
from outreach.core.terminal import AsJson, emit, explained_errors

ACTOR = Actor.system("command line")


@Employee.command(name="find-email")
def find_email(
    numbers: Annotated[list[str], typer.Argument(help="Numbers of people without an e-mail address")],
    as_json: AsJson = False,
) -> None:
    """Ask a finder (Leadmagic) for people's e-mail addresses; each found is added with its origin."""
    with explained_errors(as_json=as_json):
        leads = [person_named(number) for number in numbers]
        emit(_answers(leads), as_json=as_json)


def _answers(leads: list[Any]) -> Iterator[dict[str, Any]]:
    for lead in leads:
        row = {"lead": lead.pk, "name": str(lead), "address": "", "status": "", "detail": ""}
        try:
            identity = services.find_email(lead=lead, actor=ACTOR)
        except Permanent:
            raise
        except OutreachError as error:
            yield {**row, "status": error.code, "detail": error.reason}
        else:
            yield {**row, "address": identity.address, "status": identity.status, "detail": identity.status_reason}
