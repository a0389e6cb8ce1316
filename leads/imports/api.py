"""Imports over the API: upload, map, preview, start, report, rejected rows."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from leads.imports import previews, reports, services
from leads.imports.exports.downloads import csv_response, export_response, start_export
from leads.imports.models import Batch, Export, RejectedRow, SavedMapping, UpdateRule
from leads.imports.upsert import undo
from outreach.access.models import User
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.parsing import StrictJSONParser
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class BatchSerializer(ModelSerializer[Batch]):
    """`mapping` is column → field, `counts` the report, `trial` that of the last dry run with this mapping."""

    class Meta:
        model = Batch
        fields = [
            "id", "kind", "file_name", "file_hash", "state", "source", "session_key", "detected", "mapping", "options", "counts",
            "trial", "error", "job", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class OptionsSerializer(serializers.Serializer[Batch]):
    country = serializers.CharField(required=False, allow_blank=True, max_length=60)
    update_rule = serializers.ChoiceField(choices=UpdateRule.choices, required=False)
    keep_unmapped = serializers.BooleanField(required=False)
    encoding = serializers.CharField(required=False, allow_blank=True, max_length=40)
    delimiter = serializers.CharField(required=False, allow_blank=True, max_length=3, trim_whitespace=False)
    header_line = serializers.IntegerField(required=False, min_value=0, max_value=100_000)
    sheet = serializers.CharField(required=False, allow_blank=True, max_length=100)


class UploadSerializer(OptionsSerializer):
    file = serializers.FileField(max_length=300)
    kind = serializers.ChoiceField(choices=Batch.Kind.choices)
    source = serializers.CharField(required=False, allow_blank=True, max_length=200)  # type: ignore[assignment]
    session_key = serializers.CharField(required=False, allow_blank=True, max_length=200)


class MappingSerializer(serializers.Serializer[Batch]):
    mapping = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    options = OptionsSerializer(required=False)
    source = serializers.CharField(required=False, allow_blank=True, max_length=200)  # type: ignore[assignment]


class PreviewRowSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    cells = serializers.ListField(child=serializers.CharField())
    values = serializers.DictField(child=serializers.CharField())
    code = serializers.CharField()
    reason = serializers.CharField()
    warnings = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class PreviewSerializer(serializers.Serializer[previews.Preview]):
    columns = serializers.ListField(child=serializers.CharField())
    rows = PreviewRowSerializer(many=True)
    rejected_count = serializers.IntegerField()
    warning_count = serializers.IntegerField()
    error = serializers.CharField()


class RejectedRowSerializer(ModelSerializer[RejectedRow]):
    class Meta:
        model = RejectedRow
        fields = ["id", "row_number", "code", "reason", "values", "is_warning"]


class BatchViewSet(
    mixins.CreateModelMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Batch]
):
    """Files on their way in."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer
    parser_classes = [MultiPartParser, FormParser, StrictJSONParser]
    filterset_fields = ["kind", "state", "source", "session_key", "file_hash"]

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: BatchSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Upload a file: what was detected and a proposed mapping come back; nothing is imported yet."""
        values = given(UploadSerializer, request.data)
        file = values.pop("file")
        batch = services.receive(
            file=file.file,
            file_name=file.name,
            kind=values.pop("kind"),
            source=values.pop("source", ""),
            session_key=values.pop("session_key", ""),
            created_by=viewer(request),
            options=values,
        )
        return Response(BatchSerializer(batch).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MappingSerializer, responses=BatchSerializer)
    @action(detail=True, methods=["put"])
    def mapping(self, request: Request, pk: str) -> Response:
        """Set the mapping and the options."""
        values = given(MappingSerializer, request.data)
        batch = services.set_mapping(batch=self.get_object(), **values)
        return Response(BatchSerializer(batch).data)

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str) -> Response:
        """The first rows as they would come in."""
        return Response(PreviewSerializer(previews.preview(self.get_object())).data)

    @extend_schema(request=None, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"], url_path="dry-run")
    def dry_run(self, request: Request, pk: str) -> Response:
        """Count what the import would do, as a job: `trial` and the rejected rows are there when it is done."""
        batch = self.get_object()
        services.start_dry_run(batch=batch, actor=Actor.of(request.user), started_by=viewer(request))
        return Response(BatchSerializer(batch).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Run the import as a job."""
        batch = self.get_object()
        services.start(batch=batch, actor=Actor.of(request.user), started_by=viewer(request))
        return Response(BatchSerializer(batch).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Undo the import as a job; refused when something was sent to its leads."""
        batch = self.get_object()
        undo.start(batch=batch, actor=Actor.of(request.user), started_by=viewer(request))
        return Response(BatchSerializer(batch).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=RejectedRowSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_fields=[])
    def rejected(self, request: Request, pk: str) -> Response:
        """Rows that were not imported, and remarks about rows that were (`is_warning`)."""
        rows: Any = RejectedRow.objects.filter(batch=self.get_object())
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(RejectedRowSerializer(page, many=True).data)

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)})
    @action(detail=True, methods=["get"], url_path="rejected.csv", url_name="rejected-csv")
    def rejected_csv(self, request: Request, pk: str) -> HttpResponse:
        """The rejected rows as a file to fix and import again."""
        batch = self.get_object()
        return csv_response(reports.rejected_file(batch), f"rejected-{batch.pk}.csv")


class SavedMappingSerializer(ModelSerializer[SavedMapping]):
    """`mapping` is column name (lower case, no signs) → field."""

    class Meta:
        model = SavedMapping
        fields = ["id", "kind", "source", "mapping", "options", "used_count", "updated_at"]
        read_only_fields = fields


class SavedMappingViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[SavedMapping]
):
    """Column mapping in the lists of each source, remembered from the last import."""

    queryset = SavedMapping.objects.order_by("pk")
    serializer_class = SavedMappingSerializer
    filterset_fields = ["kind", "source"]


class ExportSerializer(ModelSerializer[Export]):
    """`file` is there when the job is done: `GET exports/{id}/file`."""

    has_file = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = ["id", "scope", "parameters", "format", "row_count", "job", "has_file", "created_at", "finished_at"]
        read_only_fields = fields

    def get_has_file(self, export: Export) -> bool:
        return bool(export.file)


class NewExportSerializer(serializers.Serializer[Export]):
    scope = serializers.CharField(max_length=40)
    format = serializers.ChoiceField(choices=Export.Format.choices, default="csv")
    parameters = serializers.DictField(
        required=False, help_text="Filters of the list, or segment, or campaign and stage"
    )


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Export]):
    """Files on their way out: each counts against the day's exports."""

    queryset = Export.objects.all()
    serializer_class = ExportSerializer

    def get_queryset(self) -> QuerySet[Export]:
        user = cast("User", self.request.user)
        rows = super().get_queryset()
        return (
            rows
            if getattr(user, "has_role", lambda _role: False)(Role.ADMINISTRATOR)
            else rows.filter(created_by=user.pk)
        )

    @extend_schema(
        request=NewExportSerializer,
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY), 202: ExportSerializer},
    )
    def create(self, request: Request) -> HttpResponse:
        """Export what a filter selects: the file itself, or 202 and a job for a large one."""
        values = given(NewExportSerializer, request.data)
        export = start_export(
            request, scope=values["scope"], parameters=values.get("parameters", {}), format=values["format"]
        )
        if export.job_id:
            return Response(ExportSerializer(export).data, status=status.HTTP_202_ACCEPTED)
        return export_response(export)

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)})
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponse:
        """The file that a job has written."""
        export = self.get_object()
        if not export.file:
            raise Refused(
                _("The file isn't available: it is still being written or has been removed."), code="file_gone"
            )
        return export_response(export)
