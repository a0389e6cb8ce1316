"""`manage.py employee similar|research NUMBER`: the people most like one, and what is known of one."""

from __future__ import annotations

from typing import Annotated

import typer

from leads.directory.management.commands.employee import Command as Employee
from leads.directory.management.commands.employee import found
from leads.insights import embedding, similarity, terminal
from outreach.core.terminal import AsJson, emit, explained_errors


@Employee.command()
def similar(  # type: ignore[no-untyped-def]
    self,
    number: Annotated[str, typer.Argument(help="Number or address")],
    limit: int = 10,
    country: Annotated[str, typer.Option(help="Only of this country (ISO 3166-1 alpha-2)")] = "",
    tag: str = "",
    as_json: AsJson = False,
) -> None:
    """The people most like one, the likest first."""
    with explained_errors(as_json=as_json):
        lead = found(number)
        if not similarity.has_vector(lead):
            embedding.embed(lead_ids=[lead.pk])
        criteria = similarity.criteria_of({"country": country, "tag": tag})
        rows = similarity.similar(lead=lead, limit=max(1, min(limit, 100)), criteria=criteria)
        emit(
            (
                {
                    "id": row.lead.pk,
                    "likeness": round(row.likeness, 3),
                    "full_name": row.lead.full_name,
                    "title": row.lead.title,
                    "company": row.lead.company.name if row.lead.company else "",
                }
                for row in rows
            ),
            as_json=as_json,
        )


@Employee.command()
def research(  # type: ignore[no-untyped-def]
    self,
    number: Annotated[str, typer.Argument(help="Number or address")],
    brief: Annotated[str, typer.Option(help="Number or name of the brief that the fit is judged by")] = "",
    as_json: AsJson = False,
) -> None:
    """Look a person and the company up now, and print what is known with the sources."""
    with explained_errors(as_json=as_json):
        insight = terminal.researched(lead=found(number), brief=terminal.brief_named(brief))
        emit([insight], as_json=as_json)
