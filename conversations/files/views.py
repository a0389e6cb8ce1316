"""Stored files, handed out to whoever works here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from conversations.channels import links
from conversations.files.inspection import clean_name
from conversations.files.models import StoredFile
from outreach.access.permissions import role_required
from outreach.access.roles import Role


@require_safe
@role_required(Role.VIEWER)
def content(request: HttpRequest, content_hash: str) -> HttpResponse:
    """One file as a download, never shown by the browser in our name. `?name=` is how it was called in a message."""
    row = get_object_or_404(StoredFile, content_hash=content_hash)
    answer = HttpResponse(bytes(row.content), content_type=row.media_type)
    name = clean_name(request.GET.get("name") or row.name)
    answer.headers["Content-Disposition"] = _disposition(name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


@login_not_required
@require_safe
def media(request: HttpRequest, token: str) -> HttpResponse:
    """One file for a carrier, by a signed address that ends after a day. 404 for everything else."""
    row = get_object_or_404(StoredFile, content_hash=links.content_hash_of(token) or "-")
    answer = HttpResponse(bytes(row.content), content_type=row.media_type)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _disposition(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
