"""Operators' console: usage of each limited thing."""

from django.contrib import admin

from outreach.core.admin import Console
from outreach.limits.models import Allowance


@admin.register(Allowance)
class AllowanceAdmin(Console):
    list_display = ("key", "next_at", "updated_at")
    search_fields = ("key",)
    readonly_fields = ("key", "usage", "next_at", "updated_at")
    may_add = may_delete = False
