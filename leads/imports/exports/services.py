"""Leads and companies out as CSV or XLSX: formulas neutralised, limited by day and user, every export audited."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet

from leads.cleaning.cells import neutralise
from leads.imports.models import Export
from leads.imports.reports import Echo
from leads.models import Company, Lead
from outreach.core import clock
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor, AuditEntry
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.jobs.services import start_job
from outreach.limits import services as limits
from outreach.limits.windows import Limits

if TYPE_CHECKING:
    from outreach.access.models import User

LEAD_COLUMNS = (
    "id", "full_name", "first_name", "last_name", "title", "email", "phone", "network", "company", "company_domain", "industry",
    "tax_id", "country", "city", "language", "status", "tags", "source", "external_id",
)  # fmt: skip
COMPANY_COLUMNS = (
    "id", "name", "domain", "website", "country", "city", "industry", "segment", "is_sme", "employee_count", "tax_id",
    "registration_number", "phone", "status", "tags", "source", "external_id",
)  # fmt: skip
CHUNK = 1000
MAX_SHEET_ROWS = 1_048_575
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


Scope = Callable[[Mapping[str, Any]], QuerySet[Lead] | QuerySet[Company]]
EXPORT_SCOPES: Point[Scope] = Point("leads.exports")
"""What can be exported, each by the name of its function."""


def query_of(scope: str, parameters: Mapping[str, Any]) -> QuerySet[Any]:
    """What an export selects. Raises `Invalid` for an unknown scope and for what the scope refuses."""
    scopes = {source.__name__: source for source in EXPORT_SCOPES.entries()}
    if scope not in scopes:
        known = ", ".join(sorted(scopes))
        raise Invalid(
            "scope", _("“%(name)s” cannot be exported. Choose one of: %(known)s.") % {"name": scope, "known": known},
            code="scope_unknown",
        )  # fmt: skip
    return scopes[scope](parameters)


def start(
    *,
    scope: str,
    parameters: Mapping[str, Any] | None = None,
    format: str = "csv",  # noqa: A002
    actor: Actor,
    created_by: User | None = None,
    as_job: bool | None = None,
) -> Export:
    """Open an export: counted against the user's day, audited, and written by a job when it is large.

    `as_job` None decides by the number of rows. Raises `Invalid` for an unknown scope or format, `Refused`
    `export_limit` when the day's exports are used up.
    """
    if format not in Export.Format.values:
        raise Invalid("format", _("The format must be csv or xlsx."), code="format_unknown")
    chosen = {name: value for name, value in (parameters or {}).items() if value not in ("", None)}
    query = query_of(scope, chosen)
    most = settings.OUTREACH.imports.export_job_rows
    is_large = query.order_by().values("pk")[: most + 1].count() > most if as_job is None else as_job
    with transaction.atomic():
        count_export(actor)
        export = Export.objects.create(scope=scope, parameters=chosen, format=format, created_by=created_by)
        _audit(export, actor, is_of_leads=query.model is Lead)
        if is_large:
            export.job = start_job(
                kind="export",
                task="leads.imports.tasks.export",
                arguments={"export_id": export.pk},
                subject=export,
                started_by=created_by,
                total_count=query.order_by().values("pk").count(),
            )
            export.save(update_fields=["job", "updated_at"])
    return export


def count_export(actor: Actor) -> None:
    """One export of the person's day. The machine's own command line is not limited. Raises `Refused` `export_limit`."""
    if actor.user_id is None:
        return
    most = settings.OUTREACH.api.exports_per_day
    if not limits.take(f"export:user:{actor.user_id}", 1, Limits(daily=most), clock.now()):
        raise Refused(
            _("You have made %(count)s exports in the last 24 hours, which is the limit. Try again later.")
            % {"count": most},
            code="export_limit",
        )


def _audit(export: Export, actor: Actor, *, is_of_leads: bool) -> None:
    """Names of the filters only: what was searched for may be personal."""
    AuditEntry.objects.create(
        action="lead.exported" if is_of_leads else "company.exported",
        subject_type="leads.Lead" if is_of_leads else "leads.Company",
        subject_id="*",
        actor_kind=actor.kind,
        actor_name=actor.name,
        user_id=actor.user_id,
        data={
            "export": export.pk,
            "scope": export.scope,
            "format": export.format,
            "filters": sorted(export.parameters),
            **{name: export.parameters[name] for name in ("segment", "campaign", "batch") if name in export.parameters},
        },
    )


def stream(export: Export) -> Iterator[bytes]:
    """The file of a small export in chunks, never stored; CSV leaves row by row, a workbook when it is complete."""
    if export.format == Export.Format.XLSX:
        with tempfile.TemporaryFile() as file:
            _workbook(export, file, lambda _count: None)
            file.seek(0)
            while block := file.read(1 << 16):
                yield block
    else:
        for chunk in _csv(export, lambda _count: None):
            yield chunk.encode()
    _finish(export)


def write(*, export: Export, progress: Callable[[int], Any] = lambda _count: None) -> None:
    """Write an export's file to storage. `progress` receives the number of rows written."""
    handle, path = tempfile.mkstemp(suffix=f".{export.format}")
    try:
        with os.fdopen(handle, "w+b") as file:
            if export.format == Export.Format.XLSX:
                _workbook(export, file, progress)
            else:
                for chunk in _csv(export, progress):
                    file.write(chunk.encode())
            file.seek(0)
            export.file.save(f"{export.scope}.{export.format}", File(file), save=False)
    finally:
        Path(path).unlink()
    _finish(export)


def _finish(export: Export) -> None:
    export.finished_at = clock.now()
    export.save(update_fields=["file", "row_count", "finished_at", "updated_at"])


def _table(export: Export, progress: Callable[[int], Any]) -> tuple[tuple[str, ...], Iterator[list[Any]]]:
    query = query_of(export.scope, export.parameters)
    is_of_leads = query.model is Lead
    rows = _lead_rows(query) if is_of_leads else _company_rows(query)
    return LEAD_COLUMNS if is_of_leads else COMPANY_COLUMNS, _counted(rows, export, progress)


def _counted(rows: Iterator[list[Any]], export: Export, progress: Callable[[int], Any]) -> Iterator[list[Any]]:
    export.row_count = 0
    for row in rows:
        export.row_count += 1
        if export.row_count % (5 * CHUNK) == 0:
            progress(export.row_count)
        yield row
    progress(export.row_count)


def _csv(export: Export, progress: Callable[[int], Any]) -> Iterator[str]:
    columns, rows = _table(export, progress)
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([neutralise(cell) for cell in row])


def _workbook(export: Export, file: Any, progress: Callable[[int], Any]) -> None:
    """Cells are texts or numbers, never formulas: openpyxl would take a text that starts with = for one."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.cell.cell import WriteOnlyCell as Cell

    columns, rows = _table(export, progress)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(export.scope.title())
    sheet.append(list(columns))
    for number, row in enumerate(rows):
        if number == MAX_SHEET_ROWS:
            raise Refused(_("A sheet holds at most a million rows. Export as CSV instead."), code="export_too_large")
        cells: list[Any] = []
        for value in row:
            if isinstance(value, str):
                text = ILLEGAL_CHARACTERS_RE.sub("", neutralise(value))[:32_767]
                cell = Cell(sheet, value=text or None)
                if text:
                    cell.data_type = "s"
                cells.append(cell)
            else:
                cells.append(value)
        sheet.append(cells)
    book.save(file)


def _lead_rows(query: QuerySet[Lead]) -> Iterator[list[Any]]:
    for lead in (
        query.select_related("company").prefetch_related("identities").order_by("pk").iterator(chunk_size=CHUNK)
    ):
        company = lead.company or Company()
        yield [
            lead.pk, lead.full_name, lead.first_name, lead.last_name, lead.title, lead.address("email"), lead.address("sms"),
            lead.address("network"), company.name, company.domain, company.industry, company.tax_id, lead.country, lead.city,
            lead.language, lead.status, ", ".join(lead.tags), lead.source, lead.external_id,
        ]  # fmt: skip


def _company_rows(query: QuerySet[Company]) -> Iterator[list[Any]]:
    for company in query.order_by("pk").iterator(chunk_size=CHUNK):
        yield [_company_cell(company, name) for name in COMPANY_COLUMNS]


def _company_cell(company: Company, name: str) -> Any:
    """One cell; a range of employees is written as the importer reads it."""
    if name == "tags":
        return ", ".join(company.tags)
    if name == "employee_count" and company.employee_count_max:
        is_open = company.employee_count_max >= Company.NO_UPPER_END
        return f"{company.employee_count}+" if is_open else f"{company.employee_count}-{company.employee_count_max}"
    return getattr(company, "pk" if name == "id" else name)
