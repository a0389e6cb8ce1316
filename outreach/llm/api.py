"""Calls to models over REST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from outreach.access.roles import Role
from outreach.llm import telemetry


class ExportQuery(serializers.Serializer[Any]):
    since = serializers.DateTimeField(required=False, help_text="From this moment on")
    campaign = serializers.IntegerField(required=False, min_value=1, help_text="Only calls for this campaign")


class ModelCallExportView(APIView):
    """Calls with OpenTelemetry's `gen_ai.*` names."""

    required_role: ClassVar[str] = Role.OPERATOR

    @extend_schema(parameters=[ExportQuery], responses={(200, "application/x-ndjson"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """JSON lines, oldest first: one call a line, as a span with its attributes."""
        asked = ExportQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data

        def lines() -> Iterator[bytes]:
            for line in telemetry.lines(since=given.get("since"), campaign_id=given.get("campaign")):
                yield orjson.dumps(line, default=str) + b"\n"

        answer = StreamingHttpResponse(lines(), content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="model-calls.jsonl"'
        return answer
