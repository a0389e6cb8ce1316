"""Calls to models over REST."""

from __future__ import annotations

from datetime import UTC
from typing import Any, ClassVar

import orjson
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.access.roles import Role
from outreach.core.rest.views import APIView, given
from outreach.llm import telemetry
from outreach.llm.costs.selectors import DIMENSIONS, Asked, rows


class ExportQuery(serializers.Serializer[Any]):
    since = serializers.DateTimeField(required=False, help_text="From this moment on")
    campaign = serializers.IntegerField(required=False, min_value=1, help_text="Only calls for this campaign")


class CostQuery(ExportQuery):
    by = serializers.ChoiceField(choices=list(DIMENSIONS), default="model")
    until = serializers.DateTimeField(required=False, help_text="Before this moment")


class CostLineSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    calls = serializers.IntegerField()
    failed = serializers.IntegerField()
    cached = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.DecimalField(max_digits=14, decimal_places=6, allow_null=True)
    median_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True)
    quality = serializers.FloatField(allow_null=True, help_text="Mean mark of the judges, 0 to 1")
    judged = serializers.IntegerField()
    approved = serializers.FloatField(allow_null=True, help_text="Share of decisions that took the text unchanged")
    decided = serializers.IntegerField()


class ModelCostsView(APIView):
    """What models cost, how long they take and how good they are."""

    read_role: ClassVar[str] = Role.OPERATOR

    @extend_schema(parameters=[CostQuery], responses=CostLineSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Sums by campaign, pack, model, purpose or day (UTC)."""
        data = given(CostQuery, request.query_params)
        campaign = str(data["campaign"]) if "campaign" in data else ""
        asked = Asked(zone=UTC, since=data.get("since"), until=data.get("until"), campaign=campaign)
        return Response(CostLineSerializer(rows(asked, by=data["by"]), many=True).data)


class ModelCallExportView(APIView):
    """Calls with OpenTelemetry's `gen_ai.*` names."""

    read_role: ClassVar[str] = Role.OPERATOR

    @extend_schema(parameters=[ExportQuery], responses={(200, "application/x-ndjson"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """JSON lines, oldest first: one call a line, as a span with its attributes."""
        asked = given(ExportQuery, request.query_params)
        calls = telemetry.lines(since=asked.get("since"), campaign_id=asked.get("campaign"))
        lines = (orjson.dumps(call, default=str) + b"\n" for call in calls)
        answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="model-calls.jsonl"'
        return answer
