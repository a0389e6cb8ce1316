"""The lists of the operators' console by wing: its sidebar and the lower part of its front page."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language

from outreach.core.registry import Point
from outreach.core.states import Text


@dataclass(frozen=True)
class AdminGroup:
    """A heading of the console's sidebar over the models of apps whose dotted names begin with one of `apps`."""

    title: Text
    icon: str
    apps: tuple[str, ...]


ADMIN_GROUPS: Point[AdminGroup] = Point("admin.groups")


@dataclass(frozen=True)
class Section:
    """A heading of the console with the lists that the viewer may open: (title, address)."""

    title: str
    icon: str
    links: tuple[tuple[str, str], ...]


_sections: dict[tuple[object, ...], tuple[Section, ...]] = {}


def sections(request: HttpRequest) -> tuple[Section, ...]:
    """Every registered model by group; kept for each role and language, for it depends on nothing else."""
    key = (getattr(request.user, "role", ""), request.user.is_active, get_language())
    if key not in _sections:
        _sections[key] = tuple(
            section for group in ADMIN_GROUPS.entries() if (section := _section(group, request)).links
        )
    return _sections[key]


def _section(group: AdminGroup, request: HttpRequest) -> Section:
    links = tuple(
        (
            str(capfirst(model._meta.verbose_name_plural)),
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        )
        for model, site in admin.site._registry.items()
        if _wing_path(model).startswith(group.apps) and site.has_view_permission(request)
    )
    return Section(str(group.title), group.icon, links)


def _wing_path(model: type[models.Model]) -> str:
    return apps.get_app_config(model._meta.app_label).name + "."
