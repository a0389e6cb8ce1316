"""Pages of imports: upload, map, watch, report."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leads.imports import mapping as mappings
from leads.imports import services
from leads.imports.detection import DELIMITERS
from leads.imports.models import Batch, RejectedRow, UpdateRule
from leads.views import csv_response
from outreach.access.models import Role, User
from outreach.access.permissions import role_required
from outreach.core.errors import OutreachError
from outreach.core.models import Actor

PAGE_SIZE = 50
ENCODINGS = ("utf-8", "utf-16", "cp1251", "koi8-r", "cp866", "cp1252", "cp1250")


@require_safe
@role_required(Role.VIEWER)
def import_list(request: HttpRequest) -> HttpResponse:
    """GET /imports/ `?after=<id>`"""
    batches = Batch.objects.select_related("created_by", "job").order_by("-pk")
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        batches = batches.filter(pk__lt=int(after[:18]))
    rows = list(batches[: PAGE_SIZE + 1])
    return render(
        request,
        "leads/imports/list.html",
        {"batches": rows[:PAGE_SIZE], "next_after": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None},
    )


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
                    created_by=cast("User", request.user),
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
    if batch.state not in {"uploaded", "failed"}:
        return redirect("imports:detail", pk=pk)
    error = ""
    if request.method == "POST":
        try:
            _save_mapping(request, batch)
            if "start" in request.POST:
                services.start(batch=batch, actor=Actor.of(request.user), started_by=cast("User", request.user))
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
    services.set_mapping(
        batch=batch,
        mapping=None,
        options={
            "country": post.get("country", ""),
            "update_rule": post.get("update_rule", ""),
            "keep_unmapped": bool(post.get("keep_unmapped")),
            "encoding": post.get("encoding", ""),
            "delimiter": post.get("delimiter", ""),
            "header_line": post.get("header_line", ""),
        },
        actor=Actor.of(request.user),
        source=post.get("source", ""),
    )
    if batch.detected["columns"] == columns:
        services.set_mapping(batch=batch, mapping=mapping, actor=Actor.of(request.user))


def _mapping_context(batch: Batch, error: str) -> dict[str, Any]:
    samples, confidence = batch.detected["samples"], batch.detected.get("confidence", {})
    columns = [
        {
            "number": number,
            "name": column,
            "field": batch.mapping.get(column, ""),
            "samples": [row[number] for row in samples[:3] if row[number]],
            "is_guess": 0 < confidence.get(column, 0) < 1,
        }
        for number, column in enumerate(batch.detected["columns"])
    ]
    labels = {f.name: f.label for f in mappings.FIELDS[batch.kind]}
    preview = services.preview(batch)
    rows = [
        (row, [(labels.get(name, name.removeprefix("company.")), value) for name, value in row.values.items() if value])
        for row in preview.rows
    ]
    return {
        "batch": batch,
        "columns": columns,
        "rows": rows,
        "fields": [(f.name, f.label, f.group) for f in mappings.FIELDS[batch.kind]],
        "preview": preview,
        "rules": UpdateRule.choices,
        "delimiters": [("tab" if sign == "\t" else sign, name) for sign, name in DELIMITERS.items()],
        "chosen_delimiter": "tab" if batch.options.get("delimiter") == "\t" else batch.options.get("delimiter", ""),
        "encodings": ENCODINGS,
        "error": error,
    }


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
    counts = batch.counts
    context = {
        "batch": batch,
        "columns": batch.detected.get("columns", []),
        "rejected": shown[:PAGE_SIZE],
        "next_after": shown[PAGE_SIZE - 1].row_number if len(shown) > PAGE_SIZE else None,
        "code": code,
        "rejected_codes": sorted(counts.get("rejected_by_code", {}).items()),
        "warning_codes": sorted(counts.get("warnings_by_code", {}).items()),
        "is_unchanged": bool(counts) and not (counts["created"] or counts["updated"] or counts["companies_updated"]),
    }
    template = "leads/imports/_report.html" if request.htmx else "leads/imports/detail.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
@role_required(Role.OPERATOR)
def import_rejected(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /imports/<pk>/rejected.csv"""
    batch = get_object_or_404(Batch, pk=pk)
    return csv_response(services.rejected_file(batch), f"rejected-{batch.pk}.csv")


@require_POST
@role_required(Role.OPERATOR)
def import_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /imports/<pk>/cancellation/: set an uploaded file aside."""
    services.cancel(batch=get_object_or_404(Batch, pk=pk), actor=Actor.of(request.user))
    messages.info(request, _("The file was set aside."))
    return redirect("imports:list")
