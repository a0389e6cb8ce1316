"""Crawl jobs over the API: `/api/v1/scraper/…`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leads.sources import registry, services
from leads.sources.models import CrawlJob, CrawlPage
from outreach.access.pages import viewer
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given


class CrawlJobSerializer(ModelSerializer[CrawlJob]):
    """`done_count` of `total_count` pages; the other counts are leads, but `failed_count` and `skipped_count` are pages."""

    class Meta:
        model = CrawlJob
        fields = [
            "id", "name", "adapter", "seeds", "locations", "categories", "keywords", "pages", "options", "priority", "state", "reason",
            "reason_code", "subject_type", "subject_id", "round", "done_count", "total_count", "new_count", "changed_count",
            "unchanged_count", "skipped_count", "failed_count", "remarks", "refresh_minutes", "refresh_at", "waits_until", "created_at",
            "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class OrderSerializer(serializers.Serializer[CrawlJob]):
    """What to crawl: seeds, or a site with locations and categories."""

    adapter = serializers.ChoiceField(choices=sorted(registry.ADAPTERS), default="listings")
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    site = serializers.CharField(required=False, allow_blank=True, max_length=60)
    seeds = serializers.ListField(child=serializers.CharField(max_length=2000), required=False, max_length=200)
    locations = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=200)
    categories = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=200)
    keywords = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=200)
    max_pages = serializers.IntegerField(default=1, min_value=1, max_value=services.MAX_PAGES)
    priority = serializers.ChoiceField(choices=sorted(services.PRIORITIES), default="normal")
    refresh_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=services.REFRESH_MINUTES[0], max_value=services.REFRESH_MINUTES[1]
    )
    options = serializers.DictField(required=False)


class CrawlPageSerializer(ModelSerializer[CrawlPage]):
    class Meta:
        model = CrawlPage
        fields = [
            "id",
            "url",
            "kind",
            "number",
            "state",
            "attempts",
            "remark",
            "error",
            "error_code",
            "next_at",
            "visited_at",
        ]


class QueueStatusSerializer(serializers.Serializer[Any]):
    jobs = serializers.DictField(child=serializers.IntegerField(), help_text="Counts by state")
    pages_waiting = serializers.IntegerField()
    oldest_open_at = serializers.DateTimeField(allow_null=True)
    next_refresh_at = serializers.DateTimeField(allow_null=True)


class CrawlJobViewSet(
    mixins.CreateModelMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[CrawlJob]
):
    """Crawl jobs."""

    queryset = CrawlJob.objects.all()
    serializer_class = CrawlJobSerializer
    filterset_fields = ["state", "adapter", "subject_type", "subject_id"]

    @extend_schema(request=OrderSerializer, responses={201: CrawlJobSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start a crawl at once."""
        values = given(OrderSerializer, request.data)
        options = dict(values.pop("options", {}))
        if site := values.pop("site", ""):
            options["site"] = site
        plan = services.CrawlPlan(pages=values.pop("max_pages"), options=options, **values)
        job = services.start_crawl(plan, started_by=viewer(request), actor=Actor.of(request.user))
        return Response(CrawlJobSerializer(job).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CrawlJobSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Hold the job after the page that it is at."""
        return self._said(services.pause(job=self.get_object(), actor=Actor.of(request.user)))

    @extend_schema(request=None, responses=CrawlJobSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on where the paused job stood."""
        return self._said(services.resume(job=self.get_object(), actor=Actor.of(request.user)))

    @extend_schema(request=None, responses=CrawlJobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Go on with a stopped or cancelled job; a finished one starts a new round."""
        return self._said(services.retry(job=self.get_object(), actor=Actor.of(request.user)))

    @extend_schema(request=None, responses=CrawlJobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give the job up."""
        return self._said(services.cancel(job=self.get_object(), actor=Actor.of(request.user)))

    @extend_schema(responses=CrawlPageSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_fields=[])
    def pages(self, request: Request, pk: str) -> Response:
        """The pages of the job's latest round and their results."""
        rows: Any = CrawlPage.objects.filter(job=self.get_object())
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(CrawlPageSerializer(page, many=True).data)

    def _said(self, job: CrawlJob) -> Response:
        return Response(CrawlJobSerializer(job).data)


class QueueStatusView(APIView):
    """How much is being crawled and waits to be."""

    @extend_schema(responses=QueueStatusSerializer)
    def get(self, request: Request) -> Response:
        return Response(QueueStatusSerializer(services.queue_status()).data)
