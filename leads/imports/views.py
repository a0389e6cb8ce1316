"""Pages of imports: upload, map, watch, report."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.imports import previews, reports, services
from leads.imports.columns import mapping as mappings
from leads.imports.exports.downloads import csv_response, export_response, start_export
from leads.imports.models import Batch, Export, RejectedRow, SavedMapping, UpdateRule
from leads.imports.problems import Problem, problem
from leads.imports.reading.detection import DELIMITERS
from leads.imports.upsert import undo
from leads.panels import next_steps
from outreach.access.pages import Request, action, viewer
from outreach.access.permissions import role_required, viewer_has
from outreach.access.roles import Role
from outreach.core.errors import OutreachError
from outreach.core.models import Actor
from outreach.core.paging import newest

PAGE_SIZE = 50
ENCODINGS = ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866", "cp1252", "cp1250")


@require_safe
@role_required(Role.VIEWER)
def import_list(request: HttpRequest) -> HttpResponse:
    """GET /imports/ `?after=<id>`"""
    batches, following = newest(Batch.objects.select_related("created_by", "job"), request.GET.get("after", ""))
    return render(request, "leads/imports/list.html", {"batches": batches, "next_after": following})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def import_create(request: HttpRequest) -> HttpResponse:
    """GET, POST /imports/new/: upload a file."""
    context: dict[str, Any] = {
        "kinds": Batch.Kind.choices,
        "kind": request.POST.get("kind") or request.GET.get("kind", "people"),
    }
    if request.method == "POST":
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            context["error"] = _("Choose a file.")
        else:
            try:
                batch = services.receive(
                    file=cast("Any", file.file),
                    file_name=file.name or "",
                    kind=request.POST.get("kind", ""),
                    source=request.POST.get("source", ""),
                    session_key=request.POST.get("session_key", ""),
                    created_by=viewer(request),
                )
            except OutreachError as error:
                context["error"] = error.reason
            else:
                return redirect("imports:mapping", pk=batch.pk)
        context |= {"source": request.POST.get("source", ""), "session_key": request.POST.get("session_key", "")}
    return render(request, "leads/imports/upload.html", context, status=422 if "error" in context else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def import_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """GET, POST /imports/<pk>/mapping/: settle the mapping; HTMX posts get the form and the preview back."""
    batch = get_object_or_404(Batch, pk=pk)
    if not batch.is_editable:
        return redirect("imports:detail", pk=pk)
    error = ""
    if request.method == "POST":
        try:
            _save_mapping(request, batch)
            for name, begin in (("start", services.start), ("dry_run", services.start_dry_run)):
                if name in request.POST:
                    begin(batch=batch, actor=Actor.of(request.user), started_by=viewer(request))
                    return redirect("imports:detail", pk=pk)
        except OutreachError as caught:
            error = caught.reason
    context = _mapping_context(batch, error)
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]
    template = "leads/imports/_mapping.html" if is_fragment else "leads/imports/mapping.html"
    return render(request, template, context, status=422 if error and not is_fragment else 200)


def _save_mapping(request: HttpRequest, batch: Batch) -> None:
    post = request.POST
    columns = batch.detected["columns"]
    mapping = {column: post.get(f"column-{number}", "") for number, column in enumerate(columns)}
    field, _colon, number = post.get("use", "").partition(":")
    if field in mappings.FIELD_NAMES[batch.kind] and number in {str(place) for place in range(len(columns))}:
        mapping[columns[int(number)]] = field
    services.set_mapping(
        batch=batch,
        mapping=None,
        options={
            "country": post.get("country", ""),
            "update_rule": post.get("update_rule", ""),
            "keep_unmapped": bool(post.get("keep_unmapped")),
            "encoding": post.get("read_as") or post.get("encoding", ""),
            "delimiter": post.get("delimiter", ""),
            "header_line": post.get("header_line", ""),
            "sheet": post.get("sheet", ""),
        },
        source=post.get("source", ""),
    )
    is_other_source = post.get("shown_source", batch.source) != batch.source
    is_proposed_anew = is_other_source and services.saved_mapping(kind=batch.kind, source=batch.source) is not None
    if batch.detected["columns"] == columns and not is_proposed_anew:
        services.set_mapping(batch=batch, mapping=mapping)


def _mapping_context(batch: Batch, error: str) -> dict[str, Any]:
    samples, confidence = batch.detected["samples"], batch.detected.get("confidence", {})
    saved = batch.detected.get("saved_columns", [])
    columns = [
        {
            "number": number,
            "name": column,
            "field": batch.mapping.get(column, ""),
            "samples": [row[number] for row in samples[:3] if row[number]],
            "is_guess": 0 < confidence.get(column, 0) < 1,
            "is_saved": column in saved,
        }
        for number, column in enumerate(batch.detected["columns"])
    ]
    labels = {f.name: _(f.label) for f in mappings.FIELDS[batch.kind]}
    preview = previews.preview(batch)
    return {
        "batch": batch,
        "columns": columns,
        "heads": [labels[name] for name in preview.fields],
        "rows": [
            (row, [row.values.get(name, "") for name in preview.fields], _remarks(row, labels)) for row in preview.rows
        ],
        "missing": _missing(batch, labels),
        "fields": list(labels.items()),
        "preview": preview,
        "rules": UpdateRule.choices,
        "delimiters": [("tab" if sign == "\t" else sign, name) for sign, name in DELIMITERS.items()],
        "chosen_delimiter": "tab" if batch.options.get("delimiter") == "\t" else batch.options.get("delimiter", ""),
        "encodings": ENCODINGS,
        "error": error,
    }


def _remarks(row: previews.PreviewRow, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    """(colour, what is wrong, the reason) of one row."""
    found = [("red", str(problem(row.code).title), row.reason)] if row.code else []
    return found + [
        ("amber", str(problem(code).title), f"{labels[name]}: {reason}" if name in labels else reason)
        for name, code, reason in row.warnings
    ]


def _missing(batch: Batch, labels: dict[str, str]) -> list[tuple[str, str, list[tuple[int, str]]]]:
    """(field, its label, columns that might hold it with their numbers) of what the mapping should not leave out."""
    columns = list(batch.detected["columns"])
    found = mappings.missing(kind=batch.kind, columns=columns, mapping=batch.mapping, samples=batch.detected["samples"])
    return [
        (row.field, labels[row.field], [(columns.index(column), column) for column in row.candidates]) for row in found
    ]


@require_safe
@role_required(Role.VIEWER)
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /imports/<pk>/ `?code=&after=<row id>`: progress while it runs, then the report."""
    batch = get_object_or_404(Batch.objects.select_related("job", "created_by"), pk=pk)
    code, after = request.GET.get("code", ""), request.GET.get("after", "")
    rows = RejectedRow.objects.filter(batch=batch).order_by("row_number", "pk")
    if code:
        rows = rows.filter(code=code)
    offset = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    shown = list(rows.filter(row_number__gt=offset)[: PAGE_SIZE + 1])
    counts = batch.counts or batch.trial
    context = {
        "batch": batch,
        "counts": counts,
        "is_trial": counts and not batch.counts,
        "is_trying": services.is_trying(batch),
        "is_busy": batch.is_busy or services.is_trying(batch),
        "may_operate": viewer_has(request, Role.OPERATOR),
        "columns": batch.detected.get("columns", []),
        "rejected": [(row, problem(row.code)) for row in shown[:PAGE_SIZE]],
        "next_after": shown[PAGE_SIZE - 1].row_number if len(shown) > PAGE_SIZE else None,
        "code": code,
        "problem": problem(code) if code else None,
        "rejected_codes": _problems(counts.get("rejected_by_code", {})),
        "warning_codes": _problems(counts.get("warnings_by_code", {})),
        "people_count": counts.get("created", 0) + counts.get("updated", 0),
        "is_unchanged": bool(counts)
        and not any(counts[n] for n in ("created", "updated", "companies_created", "companies_updated")),
        "objection": undo.objection(batch) if batch.is_done else "",
        "next_steps": next_steps("import", batch.pk) if batch.is_done else [],
        "undone": reports.undone(counts.get("undone", {})),
    }
    template = "leads/imports/_report.html" if request.htmx else "leads/imports/detail.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _problems(counts: dict[str, int]) -> list[tuple[str, Problem, int]]:
    """(code, problem, count), the commonest first."""
    return [(code, problem(code), n) for code, n in sorted(counts.items(), key=lambda pair: -pair[1])]


@require_safe
@role_required(Role.OPERATOR)
def import_rejected(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /imports/<pk>/rejected.csv"""
    batch = get_object_or_404(Batch, pk=pk)
    return csv_response(reports.rejected_file(batch), f"rejected-{batch.pk}.csv")


@require_POST
@role_required(Role.OPERATOR)
def import_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /imports/<pk>/cancellation/: set an uploaded file aside."""
    services.cancel(batch=get_object_or_404(Batch, pk=pk), actor=Actor.of(request.user))
    messages.info(request, _("The file was discarded."))
    return redirect("imports:list")


@action(Role.OPERATOR, back="imports:detail")
def import_start(request: Request, pk: int) -> HttpResponse:
    """POST /imports/<pk>/start/: import with the current mapping, after a dry run."""
    services.start(batch=get_object_or_404(Batch, pk=pk), actor=Actor.of(request.user), started_by=request.user)
    return redirect("imports:detail", pk=pk)


@action(Role.OPERATOR, back="imports:detail")
def import_undo(request: Request, pk: int) -> HttpResponse:
    """POST /imports/<pk>/undo/: undo the import."""
    undo.start(batch=get_object_or_404(Batch, pk=pk), actor=Actor.of(request.user), started_by=request.user)
    return redirect("imports:detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OPERATOR)
def saved_mappings(request: HttpRequest) -> HttpResponse:
    """GET, POST /imports/mappings/: what is remembered of each source; POST `forget=<id>` forgets one."""
    if request.method == "POST":
        number = request.POST.get("forget", "")
        if number.isascii() and number.isdigit():
            SavedMapping.objects.filter(pk=int(number[:18])).delete()
            messages.info(request, _("Mapping deleted."))
        return redirect("imports:mappings")
    labels = {f.name: _(f.label) for f in mappings.FIELDS[mappings.BOTH]}
    rows = [
        (row, [(column, labels.get(name, name)) for column, name in sorted(row.mapping.items()) if name])
        for row in SavedMapping.objects.all()[:200]
    ]
    return render(request, "leads/imports/mappings.html", {"rows": rows})


@require_safe
@role_required(Role.OPERATOR)
def export_list(request: HttpRequest) -> HttpResponse:
    """GET /imports/exports/: the newest exports of the user (of all users, for administrators)."""
    user = viewer(request)
    rows = Export.objects.select_related("job", "created_by").order_by("-pk")
    if not user.has_role(Role.ADMINISTRATOR):
        rows = rows.filter(created_by=user)
    exports = list(rows[:PAGE_SIZE])
    is_busy = any(row.job and not row.job.is_over for row in exports)
    template = "leads/imports/_exports.html" if request.htmx else "leads/imports/exports.html"  # type: ignore[attr-defined]
    return render(request, template, {"exports": exports, "is_busy": is_busy})


@require_safe
@role_required(Role.OPERATOR)
def export_of(request: HttpRequest, scope: str, pk: int) -> HttpResponse:
    """GET /imports/exports/<segment|candidates>/<pk>/ `?format=csv|xlsx`: the leads of a segment or a campaign."""
    name = "campaign" if scope == "candidates" else scope
    try:
        export = start_export(request, scope=scope, parameters={name: pk}, format=request.GET.get("format", ""))
    except OutreachError as error:
        messages.error(request, error.reason)
        return redirect("imports:exports")
    return redirect("imports:exports") if export.job_id else export_response(export)


@require_safe
@role_required(Role.OPERATOR)
def export_file(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /imports/exports/<pk>/file/: the file that a job has written."""
    user = viewer(request)
    export = get_object_or_404(Export.objects.exclude(file=""), pk=pk)
    if export.created_by_id != user.pk and not user.has_role(Role.ADMINISTRATOR):
        raise PermissionDenied
    return export_response(export)
