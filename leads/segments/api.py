"""Segments over the API: definitions with immutable versions, preview, and the fields that criteria may ask about."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from leads.segments import canonical, compiler, fields, schema, selectors, services, wording
from leads.segments.fields import OPERATORS, OPERATORS_OF
from leads.segments.models import Segment, SegmentVersion
from outreach.access.pages import viewer
from outreach.core.rest import viewsets
from outreach.core.rest.fields import ObjectField
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given

MAX_PREVIEW = 200
MAX_VERSION = 1_000_000
VERSION = {"type": "integer", "minimum": 1, "maximum": MAX_VERSION}


class VersionSerializer(ModelSerializer[SegmentVersion]):
    """One immutable state."""

    class Meta:
        model = SegmentVersion
        fields = ["id", "number", "criteria", "criteria_hash", "predicate", "parameters", "created_by", "created_at"]


class SegmentSerializer(ModelSerializer[Segment]):
    """A segment with its newest version."""

    current = VersionSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Segment
        fields = ["id", "name", "description", "archived_at", "created_by", "created_at", "updated_at", "current"]


class SegmentInput(serializers.Serializer[Any]):
    """`based_on`: number of the version that was edited; a newer one refuses the change."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, required=False, default="")
    criteria = ObjectField()
    based_on = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_VERSION
    )


class PreviewInput(serializers.Serializer[Any]):
    criteria = ObjectField()
    limit = serializers.IntegerField(required=False, default=20, min_value=1, max_value=MAX_PREVIEW)
    after = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**62)
    is_count_exact = serializers.BooleanField(required=False, default=False)


class PreviewLead(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    title = serializers.CharField()
    company = serializers.CharField()
    country = serializers.CharField()
    city = serializers.CharField()
    last_contacted_at = serializers.DateTimeField(allow_null=True)


class PlanOutput(serializers.Serializer[Any]):
    """The planner's estimate: cost in its own units, rows, kinds of steps."""

    cost = serializers.FloatField()
    rows = serializers.IntegerField()
    steps = serializers.ListField(child=serializers.CharField())


class PreviewOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    is_count_capped = serializers.BooleanField()
    leads = PreviewLead(many=True)
    next_after = serializers.IntegerField(allow_null=True)
    predicate = serializers.CharField()
    parameters = serializers.JSONField()
    criteria_hash = serializers.CharField()
    plan = PlanOutput()


class DifferenceOutput(serializers.Serializer[Any]):
    """`removed` and `added` are conditions in words, each with its groups."""

    from_version = serializers.IntegerField()
    to_version = serializers.IntegerField()
    is_same = serializers.BooleanField()
    removed = serializers.ListField(child=serializers.CharField())
    added = serializers.ListField(child=serializers.CharField())


class FieldOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    operators = serializers.ListField(child=serializers.DictField())
    help = serializers.CharField()
    example = serializers.CharField()


class SegmentViewSet(viewsets.ModelViewSet[Segment]):
    """Named criteria definitions, shared by the whole team. Saving makes a version; versions never change."""

    queryset = Segment.objects.order_by("-id")
    serializer_class = SegmentSerializer
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    required_role = "operator"

    def get_queryset(self) -> Any:
        segments = Segment.objects.prefetch_related("versions").order_by("-id")
        return segments if self.action != "list" or self.request.query_params.get("archived") else segments.filter(archived_at=None)  # fmt: skip

    @extend_schema(parameters=[OpenApiParameter("archived", bool, description="Archived ones too")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=SegmentInput, responses={201: SegmentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._save(request, None), status=status.HTTP_201_CREATED)

    @extend_schema(request=SegmentInput, responses=SegmentSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._save(request, self.get_object()))

    def _save(self, request: Request, segment: Segment | None) -> Any:
        body = given(SegmentInput, request.data)
        version = services.save_segment(created_by=viewer(request), segment=segment, **body)
        return SegmentSerializer(version.segment).data

    def perform_destroy(self, instance: Segment) -> None:
        services.delete_segment(segment=instance, user=self.request.user)  # type: ignore[arg-type]

    @extend_schema(request=None, responses=SegmentSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Archive it."""
        segment = services.archive_segment(segment=self.get_object(), user=viewer(request))
        return Response(SegmentSerializer(segment).data)

    @extend_schema(request=None, responses=SegmentSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring it back into the lists."""
        segment = services.restore_segment(segment=self.get_object(), user=viewer(request))
        return Response(SegmentSerializer(segment).data)

    @extend_schema(responses=VersionSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """All versions, newest first."""
        return Response(VersionSerializer(self.get_object().versions.order_by("-number"), many=True).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("from", VERSION, description="Number of the older version (default: the previous one)"),
            OpenApiParameter("to", VERSION, description="Number of the newer version (default: the newest)"),
        ],
        responses=DifferenceOutput,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def difference(self, request: Request, pk: str) -> Response:
        """What changed between two versions, condition by condition, in words."""
        texts = [request.query_params.get(name, "") for name in ("from", "to")]
        numbers = [int(text) if text else None for text in texts]
        old, new = selectors.versions_between(self.get_object(), *numbers)
        found = wording.difference(schema.parse(old.criteria), schema.parse(new.criteria), _)
        return Response(
            {
                "from_version": old.number,
                "to_version": new.number,
                "is_same": old.criteria_hash == new.criteria_hash,
                "removed": found.removed,
                "added": found.added,
            }
        )

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 1, "maximum": 2**62},
                description="Id of the last lead on the previous page",
            ),
            OpenApiParameter("version", VERSION, description="Number of a version (default: the newest)"),
        ],
        responses=PreviewOutput,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def leads(self, request: Request, pk: str) -> Response:
        """One page of the leads that match, newest first."""
        body = given(_LeadsQuery, request.query_params)
        versions = self.get_object().versions.order_by("-number")
        if number := body["version"]:
            versions = versions.filter(number=number)
        version = versions.first()
        if version is None:
            raise NotFound(_("This version doesn't exist."))
        return Response(_preview(version.criteria, MAX_PREVIEW, body["after"], is_exact=False))

    @extend_schema(request=PreviewInput, responses=PreviewOutput)
    @action(detail=False, methods=["post"], required_role="viewer")
    def preview(self, request: Request) -> Response:
        """Count and first matches of a definition, without saving it."""
        data = given(PreviewInput, request.data)
        return Response(_preview(data["criteria"], data["limit"], data["after"], is_exact=data["is_count_exact"]))

    @extend_schema(responses=FieldOutput(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def fields(self, request: Request) -> Response:
        """The fields that criteria can use, with their operators."""
        return Response([describe_field(field) for field in known_fields()])

    @extend_schema(responses={200: dict})
    @action(detail=False, methods=["get"], pagination_class=None, url_path="schema", url_name="schema")
    def criteria_schema(self, request: Request) -> Response:
        """The JSON schema of criteria."""
        return Response(schema.json_schema())


class _LeadsQuery(serializers.Serializer[Any]):
    after = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**62)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_VERSION
    )


def _preview(criteria: Any, limit: int, after: int | None, *, is_exact: bool) -> dict[str, Any]:
    node = schema.parse(criteria)
    predicate = compiler.compile_criteria(node)
    count = selectors.count(node, None if is_exact else selectors.COUNT_CAP)
    rows = selectors.preview(node, limit + 1, after)
    is_capped = not is_exact and count >= selectors.COUNT_CAP
    return {
        "count": min(count, selectors.COUNT_CAP - 1) if is_capped else count,
        "is_count_capped": is_capped,
        "leads": PreviewLead(rows[:limit], many=True).data,
        "next_after": rows[limit - 1].id if len(rows) > limit else None,
        "predicate": predicate.sql,
        "parameters": predicate.parameters,
        "criteria_hash": canonical.criteria_hash(node),
        "plan": PlanOutput(selectors.explain(node)).data,
    }


def known_fields() -> list[fields.Field]:
    """All fields of the registry, and one for each kind of attribute."""
    attributes = [
        fields.Field(f"{prefix}.<key>", label, fields.Type.JSON, column)
        for prefix, (label, column) in fields.ATTRIBUTES.items()
    ]
    return [*fields.FIELDS.values(), *attributes]


def describe_field(field: fields.Field) -> dict[str, Any]:
    """A field as data: for the API and for the documentation."""
    names = field.operators if field.name in fields.FIELDS else OPERATORS_OF[field.type]
    return {
        "name": field.name,
        "label": _(field.label),
        "type": str(field.type),
        "operators": [{"name": n, "label": _(OPERATORS[n].label), "value": str(OPERATORS[n].value)} for n in names],
        "help": _(field.help) if field.help else "",
        "example": field.example,
    }
