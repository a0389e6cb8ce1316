"""Operators' console: usage of each limited thing."""

from django.contrib import admin
from django.http import HttpRequest

from outreach.core.admin import Console
from outreach.limits.models import Allowance


@admin.register(Allowance)
class AllowanceAdmin(Console):
    list_display = ("key", "next_at", "updated_at")
    search_fields = ("key",)
    readonly_fields = ("key", "usage", "next_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Allowance | None = None) -> bool:
        return False
