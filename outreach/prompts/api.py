"""Prompt packs over HTTP: versions, saving, checking, difference, trying, tests, labels."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given
from outreach.llm.routing import BUILTIN
from outreach.llm.services import close_trace, open_trace
from outreach.prompts import differences, rendering, selectors, services, testing
from outreach.prompts.forms import MOST_CHARACTERS
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Case


class PackVersionSerializer(ModelSerializer[PackVersion]):
    labels = serializers.ListField(source="label_names", child=serializers.CharField(), read_only=True)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=MOST_CHARACTERS, trim_whitespace=False, help_text="The Markdown file"
    )
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    class Meta:
        model = PackVersion
        fields = ["id", "name", "sha", "channel", "languages", "labels", "source", "note", "report", "created_at"]
        read_only_fields = ["id", "name", "sha", "channel", "languages", "report", "created_at"]


class SourceSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=MOST_CHARACTERS, trim_whitespace=False
    )


class LabelSerializer(serializers.Serializer[Any]):
    label = serializers.ChoiceField(choices=services.LABELS)  # type: ignore[assignment]


class RunSerializer(serializers.Serializer[Any]):
    target = serializers.CharField(
        default=BUILTIN, help_text="“builtin”, a route, or a model as provider/model", max_length=200
    )


class TrialSerializer(RunSerializer):
    language = serializers.CharField(default="en", max_length=8)
    variant = serializers.CharField(default="", allow_blank=True, max_length=60)
    inputs = serializers.DictField(child=serializers.CharField(allow_blank=True), default=dict)


class PackFindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    line = serializers.IntegerField()
    text = serializers.CharField()
    is_error = serializers.BooleanField()


class PackTestResultSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="case.name")
    result = serializers.ChoiceField(choices=["passed", "failed", "skipped"], source="label")
    reason = serializers.CharField()
    trace = serializers.UUIDField(source="answer.trace_id", allow_null=True)


class PackAnswerSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    body = serializers.CharField()
    fields = serializers.DictField()  # type: ignore[assignment]
    prompt = serializers.CharField()
    problem = serializers.CharField()
    needs_model = serializers.BooleanField()


DIFFERENCE = inline_serializer("PackDifference", {"against": serializers.CharField(), "diff": serializers.CharField()})


class PackViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[PackVersion]
):
    """Versions of prompt packs; they are never changed. Saving a pack adds one."""

    queryset = PackVersion.objects.all()
    serializer_class = PackVersionSerializer
    filterset_fields = {"name": ["exact"], "sha": ["exact", "startswith"], "labels__label": ["exact"]}

    def get_queryset(self) -> QuerySet[PackVersion]:
        return super().get_queryset().prefetch_related("labels").distinct()

    def perform_create(self, serializer: serializers.BaseSerializer[PackVersion]) -> None:
        data = serializer.validated_data
        author: Any = self.request.user
        serializer.instance = services.save_source(data["source"], author=author, note=data["note"])

    @extend_schema(request=SourceSerializer, responses=PackFindingSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def check(self, request: Request) -> Response:
        """What is wrong with a pack, by line; nothing is saved."""
        checked = selectors.check_source(given(SourceSerializer, request.data)["source"])
        return Response(PackFindingSerializer(checked.findings, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("against", str, description="A label or the beginning of a hash")],
        responses=DIFFERENCE,
    )
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: str) -> Response:
        """What changed since another version, as a patch."""
        version = self.get_object()
        other = services.version_of(version.name, request.query_params.get("against", ""))
        patch = differences.unified(other.source, version.source, names=(other.short_sha, version.short_sha))
        return Response({"against": other.sha, "diff": patch})

    @extend_schema(request=LabelSerializer, responses=PackVersionSerializer)
    @action(detail=True, methods=["post"])
    def label(self, request: Request, pk: str) -> Response:
        """Make it the production or the candidate version."""
        label = given(LabelSerializer, request.data)["label"]
        services.label_version(self.get_object(), label, actor=Actor.of(request.user))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=RunSerializer, responses=PackTestResultSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[], calls_out=True)
    def tests(self, request: Request, pk: str) -> Response:
        """Run its tests."""
        target = given(RunSerializer, request.data)["target"]
        results = testing.run_tests(rendering.pack_of(self.get_object()), route=target)
        return Response(PackTestResultSerializer(results, many=True).data)

    @extend_schema(request=TrialSerializer, responses=PackAnswerSerializer)
    @action(detail=True, methods=["post"], url_path="simulation", calls_out=True)
    def simulation(self, request: Request, pk: str) -> Response:
        """What it makes of your inputs; no draft is saved and nothing is sent."""
        wanted = dict(given(TrialSerializer, request.data))
        pack, target = rendering.pack_of(self.get_object()), wanted.pop("target")
        trace = open_trace("pack simulation", session_key=f"pack:{pack.name}")
        answer = testing.ask(pack, Case(name="simulation", **wanted), trace=trace, route=target, step="simulate")
        close_trace(trace, error=answer.problem)
        return Response(PackAnswerSerializer(answer).data)
