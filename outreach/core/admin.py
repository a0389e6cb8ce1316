"""The operators' console: base classes for every model's admin, its navigation by wing, its front page with figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import connection, models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_noop
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from outreach.core.errors import OutreachError
from outreach.core.models import Actor, AuditEntry
from outreach.core.registry import Point
from outreach.core.sections import ADMIN_GROUPS as ADMIN_GROUPS
from outreach.core.sections import AdminGroup as AdminGroup
from outreach.core.states import Text
from outreach.core.templatetags.outreach import compact

UNDECLINED = (
    gettext_noop("Add %(name)s"),
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("View %s"),
    gettext_noop("Select %s"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
)
"""Django's own texts, which our catalogue translates again: names stand in them as they are, and Russian declines."""
COUNT_CAP = 10_000
FOUND_CAP = 1_000
"""Rows of a search are paged up to here: whoever looks for one narrows the search."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and pages up to 10,000 rows only, so a list of millions opens as fast as a short one. Filters reach the rest.

    A page is found by its ids, of which an index knows the order; only its own rows are read and joined, from `rows`,
    which no search narrows.
    """

    rows: models.QuerySet[Any] | None = None
    cap = COUNT_CAP

    @cached_property
    def count(self) -> int:
        query = self.object_list
        if isinstance(query, models.QuerySet):
            return query.order_by().values("pk")[: self.cap].count()
        return len(query)

    def page(self, number: Any) -> Any:
        found = super().page(number)
        rows = found.object_list
        if isinstance(rows, models.QuerySet) and isinstance(self.object_list, models.QuerySet):
            ids = list(rows.select_related(None).values_list("pk", flat=True))
            whole = self.object_list if self.rows is None else self.rows
            found.object_list = whole.filter(pk__in=ids).order_by(*self.object_list.query.order_by)
            found.object_list.query.select_related = self.object_list.query.select_related
        return found


def rows_about(model: type[models.Model]) -> int:
    """The planner's estimate of a table's rows; -1 when it has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        return int(cursor.fetchone()[0])


class ValuesInUse(admin.AllValuesFieldListFilter):
    """A filter by the values of a text column. Of a big table it offers those that the planner's statistics name."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, *args, **kwargs)
        if rows_about(field.model) > COUNT_CAP:
            common: Any = self._common(field)
            self.lookup_choices = common

    def _common(self, field: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT most_common_vals::text::text[] FROM pg_stats WHERE tablename = %s AND attname = %s",
                [field.model._meta.db_table, field.column],
            )
            row = cursor.fetchone()
        return sorted(row[0]) if row and row[0] else []


admin.FieldListFilter.register(
    lambda field: isinstance(field, models.TextField) and not field.choices, ValuesInUse, take_priority=True
)


class Console(ModelAdmin):
    """Base of every model's admin. A list of a big table counts, searches and sorts by indexes only."""

    list_per_page = 30
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    paginator = CappedPaginator
    compressed_fields = True
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminExpandableTextareaWidget}}
    warn_unsaved_form = True
    may_add = may_change = may_delete = True
    """What no role may do here says False."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and bool(super().has_add_permission(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_delete and bool(super().has_delete_permission(request, obj))

    def found(self, term: str) -> models.QuerySet[Any, Any] | None:
        """Primary keys of the rows that a search finds. None: search as Django does, by scanning `search_fields`.

        With `=` before each of `search_fields` they are compared as they are, each by its own index.
        """
        if not all(name.startswith("=") for name in self.search_fields):
            return None
        term = term.strip()
        rows = self.model._default_manager.order_by()
        parts = [
            rows.filter(**{f"{name[1:]}__in": values}).values("pk")
            for name in self.search_fields
            if (values := _values_of(self.model, name[1:], term))
        ]
        ids: models.QuerySet[Any, Any] = parts[0].union(*parts[1:]) if parts else rows.none().values("pk")
        return ids

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        found = self.found(search_term) if search_term.strip() else None
        if found is None:
            scanned: tuple[models.QuerySet[Any], bool] = super().get_search_results(request, queryset, search_term)
            return scanned
        return queryset.filter(pk__in=found), False

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        paginator = super().get_paginator(request, queryset, *args, **kwargs)
        if isinstance(paginator, CappedPaginator):
            paginator.rows = self.get_queryset(request)
            paginator.cap = FOUND_CAP if request.GET.get(SEARCH_VAR) else COUNT_CAP
        return paginator

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Of a big table only what an index is sorted by."""
        shown = super().get_sortable_by(request)
        if rows_about(self.model) <= COUNT_CAP:
            return shown
        meta = self.model._meta
        first = {str(index.fields[0]).lstrip("-") for index in meta.indexes if index.fields and not index.condition}
        sorted_by = first | {field.name for field in meta.concrete_fields if field.db_index or field.unique}
        return [name for name in shown if name in sorted_by]


def _values_of(model: type[models.Model], path: str, term: str) -> list[Any]:
    """`term` as the column at `path` holds it; a text also in lower case, as addresses are kept."""
    field: Any = None
    for name in path.split("__"):
        field = model._meta.get_field(name)
        model = field.related_model or model
    if isinstance(field, models.TextField | models.CharField):
        return [term, term.lower()]
    try:
        return [field.to_python(term)]
    except ValidationError:
        return []


class ReadOnly(Console):
    """Rows that only the product writes: append-only tables, caches, heartbeats."""

    may_add = may_change = may_delete = False


class ShownInline(TabularInline):
    """Rows that belong to a page and are only read there."""

    extra = max_num = 0
    can_delete = False


class Shown(Console):
    """Rows that only the product writes. Whoever may change them has actions for it, no form."""

    may_add = may_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]


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


import_module("django_q.admin")  # so that there is something to take back
for _unused in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(_unused):
        admin.site.unregister(_unused)  # queue and schedules are ours: outreach.jobs


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ["at", "action", "subject_type", "subject_id", "actor_kind", "actor_name", "reason"]
    list_filter = ["subject_type", "action", "actor_kind", "actor_name"]
    search_fields = ["=subject_id"]
    list_select_related = ["user"]
    exclude = ["salt"]


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
    rows = rows_about(model)
    return f"≈ {compact(rows)}" if rows > COUNT_CAP else compact(model._default_manager.count())


def _rows(name: str, filters: dict[str, str]) -> str:
    model = apps.get_model(name)
    try:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    except NoReverseMatch:
        return ""
    query = "&".join(f"{key if '__' in key else key + '__exact'}={value}" for key, value in filters.items())
    return f"{address}?{query}" if query else address
