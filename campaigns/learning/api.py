"""Training sets over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from campaigns.learning import training
from campaigns.models import Campaign
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest.views import APIView, given


class WhichSerializer(serializers.Serializer[Any]):
    campaign = serializers.PrimaryKeyRelatedField(queryset=Campaign.objects.all(), required=False)


class TrainingSetView(APIView):
    """One row for each person judged or written to: what was known before the first message, and what came of it.

    Of one campaign or of all. Counts as an export of the day and is audited, like every file of people.
    """

    read_role = required_role = Role.OPERATOR

    @extend_schema(
        parameters=[OpenApiParameter("campaign", int, description="One campaign only")],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
            (200, training.PARQUET): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def get(self, request: Request, kind: str) -> HttpResponse:
        body = given(WhichSerializer, request.query_params)
        return training.download(campaign=body.get("campaign"), format=kind, actor=Actor.of(request.user))
