"""Django REST framework's viewsets with what is common to our API; import them from here."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework import mixins, viewsets

from outreach.core.rest.views import Common

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")


class ViewSet(Common, viewsets.ViewSet):
    """Actions without a model."""


class GenericViewSet(Common, viewsets.GenericViewSet[M]):
    """Actions on a queryset. Filters are for lists: an operation on one object has none."""

    def filter_queryset(self, queryset: QuerySet[M, Row]) -> QuerySet[M, Row]:
        return queryset if self.detail else super().filter_queryset(queryset)


class ReadOnlyModelViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, GenericViewSet[M]):
    """List and retrieve."""


class ModelViewSet(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, ReadOnlyModelViewSet[M]):
    """All actions."""
