"""Operators' console: stored files and the messages they came with."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from conversations.files.models import ReceivedFile, StoredFile
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


@admin.register(ReceivedFile)
class ReceivedFileAdmin(ReadOnly):
    list_display = ("file", "media_type", "size", "message", "received_at")
    list_select_related = ("file", "message")
    list_filter = ("file__media_type",)
    search_fields = ("=message__id", "file__name", "file__content_hash")
    fields = ("file", "message")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReceivedFile]:
        rows: QuerySet[ReceivedFile] = super().get_queryset(request)
        return rows.defer("file__content")

    @admin.display(description=_("media type"), ordering="file__media_type")
    def media_type(self, row: ReceivedFile) -> str:
        return row.file.media_type

    @admin.display(description=_("size"), ordering="file__size")
    def size(self, row: ReceivedFile) -> str:
        return filesizeformat(row.file.size)

    @admin.display(description=_("received"), ordering="message__created_at")
    def received_at(self, row: ReceivedFile) -> datetime:
        return row.message.created_at
