"""Preferences and notices in the operators' console."""

from __future__ import annotations

from django.contrib import admin

from outreach.core.admin import ReadOnly
from outreach.notifications.models import Notice, Preferences


@admin.register(Preferences)
class PreferencesAdmin(ReadOnly):
    list_display = ["user", "pace", "is_quiet", "mailed_at", "chat_error"]
    list_select_related = ["user"]


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    list_display = ["id", "user", "kind", "key", "mail_due", "chat_due", "told_at", "created_at"]
    list_filter = ["kind", "mail_due", "chat_due"]
    list_select_related = ["user"]
