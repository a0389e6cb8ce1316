"""`manage.py company`: import, list, inspect and export companies."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from django_typer.management import TyperCommand, command

from leads import selectors
from leads.imports.management import terminal
from leads.imports.management.terminal import FilePath, Format
from leads.insights import terminal as research_terminal
from leads.models import Company
from outreach.core.terminal import AsJson, emit, explained_errors, found

Number = Annotated[str, typer.Argument(help="Number, tax id or registration number")]


class Command(TyperCommand):
    help = "Import, list, inspect and export companies"

    import_file = command("import")(terminal.import_command("companies"))
    undo_import = command("undo")(terminal.undo_import)

    @command("list")
    def list_companies(
        self,
        search: str = "",
        country: str = "",
        industry: str = "",
        limit: int = 20,
        after: int | None = None,
        as_json: AsJson = False,
    ) -> None:
        """The newest companies that fit."""
        rows, _next = selectors.company_list(
            after=str(after or ""), limit=limit, search=search, country=country, industry=industry
        )
        names = ("pk", "name", "country", "industry", "employee_count", "tax_id", "source")
        emit(({name: getattr(row, name) for name in names} for row in rows), as_json=as_json)

    @command()
    def inspect(self, number: Number, as_json: AsJson = False) -> None:
        """One company with all that is known."""
        with explained_errors(as_json=as_json):
            emit([_described(company_named(number))], as_json=as_json)

    @command()
    def export(
        self,
        path: FilePath = "-",
        search: str = "",
        country: str = "",
        industry: str = "",
        format: Format = "",  # noqa: A002
        as_json: AsJson = False,
    ) -> None:
        """Companies that fit as CSV or XLSX."""
        with explained_errors(as_json=as_json):
            filters = {"search": search, "country": country, "industry": industry}
            terminal.export(scope="companies", parameters=filters, path=path, format=format)

    @command()
    def research(
        self,
        number: Number,
        brief: research_terminal.BriefName = "",
        as_json: AsJson = False,
    ) -> None:
        """Research a company now and print what is known with its sources."""
        with explained_errors(as_json=as_json):
            insight = research_terminal.researched(
                company=company_named(number), brief=research_terminal.brief_named(brief)
            )
            emit([insight], as_json=as_json)


def company_named(text: str) -> Company:
    return found(Company.objects.all(), text, "company", "tax_id", "registration_number", field="number")


def _described(company: Company) -> dict[str, Any]:
    names = [field.attname for field in Company._meta.concrete_fields]
    return {name: getattr(company, name) for name in names} | {"lead_count": company.leads.count()}
