"""`manage.py employee`: import, list, inspect and export people."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads import selectors
from leads.directory import erasing
from leads.imports.management import terminal
from leads.imports.management.terminal import FilePath, Format
from leads.insights import embedding, similarity
from leads.insights import terminal as research_terminal
from leads.models import Lead
from outreach.core.terminal import AsJson, emit, explained_errors, found

Number = Annotated[str, typer.Argument(help="Number or address")]


class Command(TyperCommand):
    help = "Import, list, inspect and export people"

    import_file = command("import")(terminal.import_command("people"))
    undo_import = command("undo")(terminal.undo_import)

    @command("list")
    def list_people(
        self,
        search: str = "",
        country: str = "",
        status: str = "",
        tag: str = "",
        batch: int | None = None,
        company: Annotated[int | None, typer.Option(help="Number of a company, to list its people")] = None,
        limit: int = 20,
        after: int | None = None,
        as_json: AsJson = False,
    ) -> None:
        """The newest people that fit."""
        page = selectors.lead_list(
            after=str(after or ""),
            limit=limit,
            search=search,
            country=country,
            status=status,
            tag=tag,
            batch=batch,
            company=company,
        )
        names = ("id", "full_name", "title", "company__name", "email", "phone", "country", "status")
        emit(({name.replace("__", "_"): row[name] for name in names} for row in page.rows), as_json=as_json)

    @command()
    def inspect(self, number: Number, as_json: AsJson = False) -> None:
        """One person with all that is known."""
        with explained_errors(as_json=as_json):
            emit([_described(person_named(number))], as_json=as_json)

    @command()
    def erase(
        self,
        number: Number,
        reason: Annotated[str, typer.Option(help="Kept in the history: do not name anyone")] = "",
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Permanently erase everything known about one person. Opt-outs stay as digests."""
        with explained_errors(as_json=as_json):
            lead = person_named(number)
            goes = {str(row.label): row.count for row in erasing.holdings(lead)}
            if not yes:
                emit([{"name": str(lead), **goes}], as_json=False)
                typer.confirm("All this goes and cannot be taken back. Erase?", abort=True)
            erasing.erase(lead=lead, actor=terminal.ACTOR, reason=reason)
            emit([{"lead_id": lead.pk, "erased_at": lead.erased_at, "erased": goes}], as_json=as_json)

    @command()
    def export(
        self,
        path: FilePath = "-",
        search: str = "",
        country: str = "",
        status: str = "",
        tag: str = "",
        batch: int | None = None,
        segment: Annotated[int | None, typer.Option(help="Number of a segment, instead of filters")] = None,
        campaign: Annotated[int | None, typer.Option(help="Number of a campaign, to export its candidates")] = None,
        format: Format = "",  # noqa: A002
        as_json: AsJson = False,
    ) -> None:
        """People that fit, of a segment, or the candidates of a campaign, as CSV or XLSX."""
        with explained_errors(as_json=as_json):
            scope, parameters = (
                "leads",
                dict[str, Any](search=search, country=country, status=status, tag=tag, batch=batch),
            )
            if segment:
                scope, parameters = "segment", {"segment": segment}
            elif campaign:
                scope, parameters = "candidates", {"campaign": campaign}
            terminal.export(scope=scope, parameters=parameters, path=path, format=format)

    @command()
    def similar(
        self,
        number: Number,
        limit: int = 10,
        country: Annotated[str, typer.Option(help="Only this country (ISO 3166-1 alpha-2)")] = "",
        tag: str = "",
        as_json: AsJson = False,
    ) -> None:
        """The people most like one, the likest first."""
        with explained_errors(as_json=as_json):
            lead = person_named(number)
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

    @command()
    def research(
        self,
        number: Number,
        brief: research_terminal.BriefName = "",
        as_json: AsJson = False,
    ) -> None:
        """Research a person and their company now and print what is known with the sources."""
        with explained_errors(as_json=as_json):
            insight = research_terminal.researched(
                lead=person_named(number), brief=research_terminal.brief_named(brief)
            )
            emit([insight], as_json=as_json)


def person_named(text: str) -> Lead:
    leads = Lead.objects.select_related("company").prefetch_related("identities")
    return found(leads, text.strip().lower(), "person", "identities__address", field="number")


def _described(lead: Lead) -> dict[str, Any]:
    values = {field.attname: getattr(lead, field.attname) for field in Lead._meta.concrete_fields}
    addresses = [f"{i.channel}:{i.address}" for i in lead.identities.all()]
    return values | {"company": lead.company.name if lead.company else "", "addresses": addresses}
