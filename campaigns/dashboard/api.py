"""The dashboard over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.dashboard import selectors
from campaigns.dashboard.forms import DashboardForm
from outreach.core.errors import Invalid
from outreach.core.rest.views import APIView


class FigureSerializer(serializers.Serializer[Any]):
    """One number. `value` is in the unit's own size: 0.25 is 25%; null where nothing can be said."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.FloatField(allow_null=True)
    unit = serializers.ChoiceField(choices=["count", "percent", "hours", "usd", "value"])
    low = serializers.FloatField(allow_null=True, help_text="95% interval, or 80% of a forecast")
    high = serializers.FloatField(allow_null=True)
    note = serializers.CharField()
    definition = serializers.CharField()


class AttributionSerializer(serializers.Serializer[Any]):
    campaign = serializers.CharField()
    first = serializers.CharField()
    last = serializers.CharField()
    linear = serializers.CharField()


class SectionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    empty = serializers.CharField(help_text="Why there is nothing yet; empty where there is something")
    figures = FigureSerializer(many=True)
    attribution = AttributionSerializer(many=True)


class DashboardView(APIView):
    """Leads, qualification, replies, review, costs, revenue, forecast, and how well the product works."""

    @extend_schema(
        parameters=[OpenApiParameter("since", OpenApiTypes.DATE), OpenApiParameter("until", OpenApiTypes.DATE)],
        responses=SectionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """The numbers of a period: of the last 30 days unless `since` or `until` say otherwise."""
        form = DashboardForm(request.query_params)
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise Invalid(name, str(errors[0]))
        return Response([_section(part) for part in selectors.sections(form.period())])


def _section(part: Any) -> dict[str, Any]:
    rows = part.table.rows if part.table else []
    return {
        "name": part.name,
        "title": part.title,
        "empty": part.empty,
        "figures": [figure.as_dict() for figure in part.figures],
        "attribution": [
            dict(zip(("campaign", "first", "last", "linear"), (title, *cells), strict=True))
            for (title, _url), cells in rows
        ],
    }
