"""Similar leads, insights with their sources, and research over the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from leads.insights import services, similarity
from leads.insights.models import Fact, Insight
from leads.models import Company, Lead
from leads.qualification.models import Brief
from leads.segments.models import Segment
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given
from outreach.jobs.models import Job

JOB = inline_serializer("StartedResearch", {"job": serializers.IntegerField(), "state": serializers.CharField()})


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
    likeness = serializers.FloatField(help_text="1: the same, 0: nothing in common")

    def get_company_name(self, row: similarity.Similar) -> str:
        return row.lead.company.name if row.lead.company else ""


class FactSerializer(ModelSerializer[Fact]):
    class Meta:
        model = Fact
        fields = ["id", "researcher", "url", "title", "quote", "published", "fetched_at"]
        read_only_fields = fields


class PointSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    facts = serializers.ListField(child=serializers.IntegerField(), help_text="Ids among `sources`")


class InsightSerializer(ModelSerializer[Insight]):
    summary = PointSerializer(many=True)
    fit = PointSerializer(many=True)
    pains = PointSerializer(many=True)
    triggers = PointSerializer(many=True)
    angles = PointSerializer(many=True)
    remarks = serializers.ListField(child=serializers.CharField())
    sources = serializers.SerializerMethodField()

    class Meta:
        model = Insight
        fields = [
            "id", "lead", "company", "brief", "summary", "fit", "fit_score", "pains", "triggers", "angles", "provider",
            "remarks", "sources", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(FactSerializer(many=True))
    def get_sources(self, row: Insight) -> list[dict[str, Any]]:
        cited = {fact for part in Insight.PARTS for point in getattr(row, part) for fact in point.get("facts", [])}
        return list(FactSerializer(Fact.objects.filter(pk__in=cited).order_by("pk"), many=True).data)


class ResearchInputSerializer(serializers.Serializer[Any]):
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all(), required=False, allow_null=True)


class SegmentResearchInputSerializer(ResearchInputSerializer):
    limit = serializers.IntegerField(min_value=1, max_value=services.MOST_LEADS, default=200)


class SimilarView(APIView):
    """The leads most like one, the likest first. 409 `no_vector` while the lead is too new to be compared."""

    required_role = Role.VIEWER

    @extend_schema(parameters=[SimilarQuerySerializer], responses=SimilarSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        query = given(SimilarQuerySerializer, request.query_params)
        lead = get_object_or_404(Lead.objects.alive(), pk=pk)
        values = query
        found = similarity.similar(lead=lead, limit=values["limit"], criteria=similarity.criteria_of(values))
        return Response(SimilarSerializer(found, many=True).data)


class LeadInsightView(APIView):
    """What is known of a lead. 409 `not_researched` before the first research."""

    required_role = Role.VIEWER

    @extend_schema(responses=InsightSerializer)
    def get(self, request: Request, pk: int) -> Response:
        lead = get_object_or_404(Lead.objects.alive(), pk=pk)
        return _insight(Insight.objects.filter(lead=lead).first())


class CompanyInsightView(APIView):
    """What is known of a company. 409 `not_researched` before the first research."""

    required_role = Role.VIEWER

    @extend_schema(responses=InsightSerializer)
    def get(self, request: Request, pk: int) -> Response:
        company = get_object_or_404(Company, pk=pk)
        return _insight(Insight.objects.filter(company=company).first())


class LeadResearchView(APIView):
    """Research a lead and its company, as a job."""

    required_role = Role.OPERATOR

    @extend_schema(request=ResearchInputSerializer, responses={202: JOB})
    def post(self, request: Request, pk: int) -> Response:
        lead = get_object_or_404(Lead.objects.alive(), pk=pk)
        values = given(ResearchInputSerializer, request.data)
        return _started(services.start_research(lead=lead, brief=values.get("brief"), started_by=viewer(request)))


class CompanyResearchView(APIView):
    """Research a company, as a job."""

    required_role = Role.OPERATOR

    @extend_schema(request=ResearchInputSerializer, responses={202: JOB})
    def post(self, request: Request, pk: int) -> Response:
        company = get_object_or_404(Company, pk=pk, merged_into=None)
        values = given(ResearchInputSerializer, request.data)
        return _started(services.start_research(company=company, brief=values.get("brief"), started_by=viewer(request)))


class SegmentResearchView(APIView):
    """Research the newest leads of a segment, as a job."""

    required_role = Role.OPERATOR

    @extend_schema(request=SegmentResearchInputSerializer, responses={202: JOB})
    def post(self, request: Request, pk: int) -> Response:
        segment = get_object_or_404(Segment, pk=pk)
        values = given(SegmentResearchInputSerializer, request.data)
        job = services.start_research(
            segment=segment, brief=values.get("brief"), limit=values["limit"], started_by=viewer(request)
        )
        return _started(job)


def _insight(row: Insight | None) -> Response:
    if row is None:
        raise Refused(_("Nothing has been researched yet. Start research first."), code="not_researched")
    return Response(InsightSerializer(row).data)


def _started(job: Job) -> Response:
    return Response({"job": job.pk, "state": job.state}, status=status.HTTP_202_ACCEPTED)
