"""`manage.py company research NUMBER`: look a company up and write what is known, with sources."""

from __future__ import annotations

from typing import Annotated

import typer

from leads.directory.management.commands.company import Command as Company
from leads.directory.management.commands.company import found
from leads.insights import terminal
from outreach.core.terminal import AsJson, emit, explained_errors


@Company.command()
def research(  # type: ignore[no-untyped-def]
    self,
    number: Annotated[str, typer.Argument(help="Number, tax id or registration number")],
    brief: Annotated[str, typer.Option(help="Number or name of the brief that the fit is judged by")] = "",
    as_json: AsJson = False,
) -> None:
    """Look a company up now, and print what is known of it with the sources."""
    with explained_errors(as_json=as_json):
        insight = terminal.researched(company=found(number), brief=terminal.brief_named(brief))
        emit([insight], as_json=as_json)
