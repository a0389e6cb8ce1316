"""The funnel report over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.reports import selectors
from campaigns.reports.dimensions import DIMENSIONS
from campaigns.reports.forms import ReportForm
from outreach.core.errors import Invalid
from outreach.core.rest.views import APIView


class LineSerializer(serializers.Serializer[Any]):
    """One line; every result also has `_rate`, `_low` and `_high` (95% Wilson interval over people written to)."""

    key = serializers.CharField()
    name = serializers.CharField(help_text="What the key is called")
    audience = serializers.IntegerField(allow_null=True)
    qualified = serializers.IntegerField(allow_null=True)
    drafted = serializers.IntegerField(allow_null=True)
    approved = serializers.IntegerField(allow_null=True)
    messages = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="People to whom at least one message left")


def _result_fields() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    fields: dict[str, serializers.Field[Any, Any, Any, Any]] = {}
    for name in selectors.RESULTS:
        fields[name] = serializers.IntegerField()
        fields |= {f"{name}_{part}": serializers.FloatField(allow_null=True) for part in ("rate", "low", "high")}
    fields["value"] = serializers.FloatField(help_text="Sum of the values of won candidates")
    return fields


FunnelLine = type("FunnelLine", (LineSerializer,), _result_fields())


class FunnelSerializer(serializers.Serializer[Any]):
    by = serializers.CharField()
    rows = FunnelLine(many=True)
    total = FunnelLine()


class FunnelView(APIView):
    """Counts and rates by campaign, segment, industry, sender, text, weekday and more."""

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=[*DIMENSIONS]),
            OpenApiParameter("campaign", OpenApiTypes.INT),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
        ],
        responses=FunnelSerializer,
    )
    def get(self, request: Request) -> Response:
        """The funnel of messages sent in a period, and their outcomes."""
        form = ReportForm(request.query_params)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Invalid(name, str(errors[0]))
        asked, by = form.asked(), form.dimension
        rows = [row.as_dict() for row in selectors.rows(asked, by=by)]
        return Response({"by": by, "rows": rows, "total": selectors.total(asked).as_dict()})
