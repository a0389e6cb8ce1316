"""Imports over the API: upload, map, preview, start, report, rejected rows."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from leads.imports import services
from leads.imports.models import Batch, RejectedRow, UpdateRule
from outreach.access.models import User
from outreach.core.models import Actor


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """`mapping` is column → field, `counts` the report."""

    class Meta:
        model = Batch
        fields = [
            "id", "kind", "file_name", "file_hash", "state", "source", "session_key", "detected", "mapping", "options", "counts",
            "error", "job", "created_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class OptionsSerializer(serializers.Serializer[Batch]):
    country = serializers.CharField(required=False, allow_blank=True, max_length=60)
    update_rule = serializers.ChoiceField(choices=UpdateRule.choices, required=False)
    keep_unmapped = serializers.BooleanField(required=False)
    encoding = serializers.CharField(required=False, allow_blank=True, max_length=40)
    delimiter = serializers.CharField(required=False, allow_blank=True, max_length=3, trim_whitespace=False)
    header_line = serializers.IntegerField(required=False, min_value=0, max_value=100_000)


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


class PreviewSerializer(serializers.Serializer[services.Preview]):
    columns = serializers.ListField(child=serializers.CharField())
    rows = PreviewRowSerializer(many=True)
    rejected_count = serializers.IntegerField()
    warning_count = serializers.IntegerField()
    error = serializers.CharField()


class RejectedRowSerializer(serializers.ModelSerializer[RejectedRow]):
    class Meta:
        model = RejectedRow
        fields = ["id", "row_number", "code", "reason", "values", "is_warning"]


class BatchViewSet(
    mixins.CreateModelMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Batch]
):
    """Files on their way in."""

    queryset = Batch.objects.all()
    serializer_class = BatchSerializer
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    filterset_fields = ["kind", "state", "source", "session_key", "file_hash"]

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: BatchSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Upload a file: what was detected and a proposed mapping come back; nothing is imported yet."""
        serializer = UploadSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        file = values.pop("file")
        batch = services.receive(
            file=file.file,
            file_name=file.name,
            kind=values.pop("kind"),
            source=values.pop("source", ""),
            session_key=values.pop("session_key", ""),
            created_by=cast("User", request.user),
            options=values,
        )
        return Response(BatchSerializer(batch).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=MappingSerializer, responses=BatchSerializer)
    @action(detail=True, methods=["put"])
    def mapping(self, request: Request, pk: str) -> Response:
        """Settle what goes where, and the options."""
        serializer = MappingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        batch = services.set_mapping(
            batch=self.get_object(), actor=Actor.of(request.user), **dict(serializer.validated_data)
        )
        return Response(BatchSerializer(batch).data)

    @extend_schema(responses=PreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str) -> Response:
        """The first rows as they would come in."""
        return Response(PreviewSerializer(services.preview(self.get_object())).data)

    @extend_schema(request=None, responses={202: BatchSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Run the import as a job."""
        batch = self.get_object()
        services.start(batch=batch, actor=Actor.of(request.user), started_by=cast("User", request.user))
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
        """The rejected rows as a file to mend and import again."""
        from leads.views import csv_response

        batch = self.get_object()
        return csv_response(services.rejected_file(batch), f"rejected-{batch.pk}.csv")
