"""Files as answers of a page or the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from leads.imports.exports import services as exports
from leads.imports.models import Export
from outreach.access.pages import viewer
from outreach.core.models import Actor


def csv_response(chunks: Iterable[str], name: str) -> HttpResponse:
    """CSV as a download, streamed."""
    return _download(chunks, name, exports.TYPES["csv"])


def _download(chunks: Iterable[str] | Iterable[bytes], name: str, kind: str) -> HttpResponse:
    response = StreamingHttpResponse(chunks, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", response)


def start_export(
    request: HttpRequest,
    *,
    scope: str,
    parameters: Mapping[str, Any],
    format: str = "",  # noqa: A002
) -> Export:
    """Open an export for the user of `request`. Raises like `exports.start`."""
    return exports.start(
        scope=scope,
        parameters=parameters,
        format=format or "csv",
        actor=Actor.of(request.user),
        created_by=viewer(request),
    )


def export_response(export: Export) -> HttpResponse:
    """The file of a small export, streamed; the stored file of a large one."""
    name = f"{export.scope}.{export.format}"
    if export.file:
        with export.file.storage.open(export.file.name or "", "rb") as probe:
            size = probe.size
        response = _download(_blocks(export), name, exports.TYPES[export.format])
        response["Content-Length"] = str(size)
        return response
    return _download(exports.stream(export), name, exports.TYPES[export.format])


def _blocks(export: Export) -> Iterable[bytes]:
    with export.file.storage.open(export.file.name or "", "rb") as file:
        yield from file.chunks(1 << 16)
