"""Operators' console: stored files, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from conversations.files.models import StoredFile
from outreach.core.admin import ReadOnly


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnly):
    list_display = ("name", "media_type", "size", "uploaded_by", "created_at")
    list_filter = ("media_type",)
    search_fields = ("name", "content_hash")
    exclude = ("content",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoredFile]:
        rows: QuerySet[StoredFile] = super().get_queryset(request)
        return rows.defer("content")
