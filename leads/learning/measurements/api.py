"""Evaluations over the API: upload a history or name a generated world, a job measures it, read the report."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from leads.learning.measurements import selectors, services
from leads.learning.models import Measurement, MeasurementKind
from leads.learning.policies.worlds import KINDS
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.errors import Refused
from outreach.core.rest import viewsets
from outreach.core.rest.parsing import StrictJSONParser
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class EvaluationListSerializer(ModelSerializer[Measurement]):
    """`problem` says why it couldn't be measured; `is_busy`: `job` is still at it."""

    is_busy = serializers.BooleanField(read_only=True)

    class Meta:
        model = Measurement
        fields = ["id", "kind", "name", "options", "is_busy", "problem", "job", "created_by", "created_at"]
        read_only_fields = fields


class EvaluationSerializer(EvaluationListSerializer):
    """With `report`, the figures that `learn evaluate`, `simulate` and `active` print as JSON; empty until measured."""

    report = serializers.DictField(read_only=True)

    class Meta(EvaluationListSerializer.Meta):
        fields = [*EvaluationListSerializer.Meta.fields, "report"]
        read_only_fields = fields


class NewEvaluationSerializer(serializers.Serializer[Measurement]):
    """A file with its columns; for policies a generated world will do."""

    kind = serializers.ChoiceField(choices=MeasurementKind.choices, default=MeasurementKind.EVALUATION)
    file = serializers.FileField(required=False, max_length=300, help_text="CSV, one row per lead, at most 20 MB")
    target = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    time = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    exclude = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2_000, help_text="Columns, separated by commas"
    )
    text = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="For labels: the column with the text"
    )
    world = serializers.ChoiceField(choices=KINDS, required=False, help_text="For policies, instead of a file")
    seed = serializers.IntegerField(required=False, default=1, min_value=0, max_value=1_000_000)


class EvaluationViewSet(
    mixins.CreateModelMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Measurement]
):
    """What a history can predict, what each policy would have won on it, what asking for the right labels is worth."""

    queryset = Measurement.objects.defer("content")
    serializer_class = EvaluationSerializer
    parser_classes = [MultiPartParser, FormParser, StrictJSONParser]
    filterset_fields = ["kind"]
    read_role = required_role = Role.OPERATOR

    def get_serializer_class(self) -> Any:
        return EvaluationListSerializer if self.action == "list" else EvaluationSerializer

    @extend_schema(
        request={"multipart/form-data": NewEvaluationSerializer},
        responses={202: EvaluationSerializer},
        examples=[
            OpenApiExample(
                "A history",
                value={"file": "leads.csv", "target": "Converted", "time": "Created"},
                request_only=True,
                media_type="multipart/form-data",
            )
        ],
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Measure a file or a world in the background: ask for it again until `is_busy` is false."""
        values = given(NewEvaluationSerializer, request.data)
        file, kind = values.pop("file", None), values.pop("kind")
        values["exclude"] = [name.strip() for name in values["exclude"].split(",") if name.strip()]
        row = services.start(
            kind=kind,
            name=file.name if file else values.get("world", ""),
            options=values,
            file=file,
            user=viewer(request),
        )
        return Response(EvaluationSerializer(row).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses={(200, "text/markdown"): OpenApiResponse(OpenApiTypes.STR)})
    @action(detail=True, methods=["get"])
    def card(self, request: Request, pk: str) -> HttpResponse:
        """The model card of an evaluation, as Markdown."""
        row = self.get_object()
        if not row.result or not row.is_evaluation:
            raise Refused(_("Only a finished evaluation has a model card."), code="no_card")
        return HttpResponse(selectors.card(row), content_type="text/markdown; charset=utf-8")
