"""The operators' console: base classes for every model's admin, its navigation by wing, its front page with figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from outreach.core.errors import OutreachError
from outreach.core.models import Actor, AuditEntry
from outreach.core.registry import Point
from outreach.core.sections import ADMIN_GROUPS as ADMIN_GROUPS
from outreach.core.sections import AdminGroup as AdminGroup
from outreach.core.states import Text
from outreach.core.templatetags.outreach import compact

COUNT_CAP = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts up to 10,000 only, so a list of millions opens as fast as a short one. Filters reach the rest."""

    @cached_property
    def count(self) -> int:
        query = self.object_list
        if isinstance(query, models.QuerySet):
            return query.order_by().values("pk")[:COUNT_CAP].count()
        return len(query)


class Console(ModelAdmin):
    """Base of every model's admin."""

    list_per_page = 30
    show_full_result_count = False
    paginator = CappedPaginator
    compressed_fields = True
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminExpandableTextareaWidget}}
    warn_unsaved_form = True


class ReadOnly(Console):
    """Rows that only the product writes: append-only tables, caches, heartbeats."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def for_each(request: HttpRequest, rows: Iterable[Any], work: Callable[[Any, Actor], object]) -> None:
    """A bulk action: `work(row, actor)` for every row; says how many were done, and why each other one was not."""
    done = 0
    for row in rows:
        try:
            work(row, Actor.of(request.user))
        except OutreachError as error:
            messages.error(request, f"{row}: {error.reason}")
        else:
            done += 1
    if done:
        messages.success(request, gettext("%(count)s done.") % {"count": done})


for _unused in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)  # queue and schedules are ours: outreach.jobs


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "action", "subject_type", "subject_id", "actor_kind", "actor_name", "reason"]
    list_filter = ["subject_type", "actor_kind"]
    search_fields = ["=subject_id", "action", "=actor_name"]
    list_select_related = ["user"]


@dataclass(frozen=True)
class AdminFigure:
    """A count on the console's front page: rows of `model`, narrowed by the `filters` of its list."""

    label: Text
    model: str
    filters: dict[str, str] = field(default_factory=dict)


ADMIN_FIGURES: Point[AdminFigure] = Point("admin.figures")


def environment(request: HttpRequest) -> list[str] | None:
    """Unfold's mark beside the title."""
    return [gettext("Demo world"), "warning"] if settings.DEMO else None


def theme(request: HttpRequest) -> str | None:
    """The viewer's choice; without one, unfold follows the system and offers its own switch."""
    return getattr(request.user, "theme", "") or None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds `figures` to the console's front page: counts, each a link to its rows."""
    context["figures"] = [
        {
            "label": figure.label,
            "value": _count(figure.model, figure.filters),
            "url": _rows(figure.model, figure.filters),
        }
        for figure in ADMIN_FIGURES.entries()
    ]
    return context


def _count(name: str, filters: dict[str, str]) -> str:
    model = apps.get_model(name)
    if not filters:
        return _estimate(model)
    found = model._default_manager.filter(**filters).values("pk")[: COUNT_CAP + 1].count()
    return f"{compact(COUNT_CAP)}+" if found > COUNT_CAP else compact(found)


def _estimate(model: type[models.Model]) -> str:
    """The planner's estimate of a big table's rows, or the exact count of a small one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        rows = int(cursor.fetchone()[0])
    return f"≈ {compact(rows)}" if rows > COUNT_CAP else compact(model._default_manager.count())


def _rows(name: str, filters: dict[str, str]) -> str:
    model = apps.get_model(name)
    try:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return ""
    query = "&".join(f"{key if '__' in key else key + '__exact'}={value}" for key, value in filters.items())
    return f"{address}?{query}" if query else address
