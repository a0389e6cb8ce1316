"""Similar leads over the API."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leads.insights import similarity
from leads.models import Lead
from leads.segments.models import Segment
from outreach.access.models import Role


class SimilarQuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=10)
    country = serializers.CharField(max_length=2, required=False)
    tag = serializers.CharField(max_length=100, required=False)
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all(), required=False)


class SimilarSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="lead.pk")
    full_name = serializers.CharField(source="lead.full_name")
    title = serializers.CharField(source="lead.title")
    company_name = serializers.SerializerMethodField()
    likeness = serializers.FloatField(help_text="1 the same, 0 nothing in common")

    def get_company_name(self, row: similarity.Similar) -> str:
        return row.lead.company.name if row.lead.company else ""


class SimilarView(APIView):
    """The leads most like one, the likest first. 409 `no_vector` while the lead is too new to be compared."""

    required_role = Role.VIEWER

    @extend_schema(
        parameters=[SimilarQuerySerializer, OpenApiParameter("id", int, OpenApiParameter.PATH)],
        responses=SimilarSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        query = SimilarQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        lead = get_object_or_404(Lead, pk=pk, erased_at=None)
        values = query.validated_data
        found = similarity.similar(lead=lead, limit=values["limit"], criteria=similarity.criteria_of(values))
        return Response(SimilarSerializer(found, many=True).data)
