"""Patterns over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Outcome
from campaigns.patterns import selectors
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.rest.views import APIView


class PatternSerializer(serializers.Serializer[Any]):
    """A feature that stands out. `ratio` is shrunk; it lies between `low` and `high` in eight of ten cases."""

    family = serializers.CharField()
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    with_it = serializers.IntegerField()
    with_it_answered = serializers.IntegerField()
    without_it = serializers.IntegerField()
    without_it_answered = serializers.IntegerField()
    ratio = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    p = serializers.FloatField()


class FindingsSerializer(serializers.Serializer[Any]):
    is_enough = serializers.BooleanField(help_text="Whether there are enough messages and answers to say anything")
    people = serializers.IntegerField()
    answers = serializers.IntegerField()
    looked_at = serializers.IntegerField(help_text="Features that were compared")
    patterns = PatternSerializer(many=True)


class PatternsView(APIView):
    """What goes with replies, with control of false discoveries."""

    @extend_schema(parameters=[OpenApiParameter("metric", enum=[*selectors.METRICS])], responses=FindingsSerializer)
    def get(self, request: Request) -> Response:
        """Patterns in the first messages of the last year."""
        metric = request.query_params.get("metric") or Outcome.Kind.REPLIED.value
        if metric not in selectors.METRICS:
            raise Invalid("metric", "Use replied or positive.")
        found = selectors.findings(metric=metric, now=clock.now(), zone=timezone.get_current_timezone())
        names = ("is_enough", "people", "answers", "looked_at")
        return Response(
            {name: getattr(found, name) for name in names} | {"patterns": [one.as_dict() for one in found.patterns]}
        )
