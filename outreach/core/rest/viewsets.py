"""Django REST framework's viewsets with what is common to our API; import them from here."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model
from rest_framework import viewsets

from outreach.core.rest.views import Common

M = TypeVar("M", bound=Model)


class ViewSet(Common, viewsets.ViewSet):
    """Actions without a model."""


class GenericViewSet(Common, viewsets.GenericViewSet[M]):
    """Actions on a queryset."""


class ReadOnlyModelViewSet(Common, viewsets.ReadOnlyModelViewSet[M]):
    """List and retrieve."""


class ModelViewSet(Common, viewsets.ModelViewSet[M]):
    """All actions."""
