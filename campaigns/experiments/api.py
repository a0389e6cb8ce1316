"""Experiments over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.arms.factors import CHOICES
from campaigns.arms.models import Experiment
from campaigns.experiments import sentences, services
from campaigns.experiments.results import results_of
from campaigns.steps.models import Step
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class ArmSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="arm.name")
    value = serializers.CharField(source="arm.value")
    share = serializers.FloatField(source="arm.share")
    assigned = serializers.IntegerField()
    sent = serializers.IntegerField(help_text="People (or companies) that the message left to")
    successes = serializers.IntegerField(help_text="Of these, with the outcome that decides")
    harms = serializers.IntegerField(help_text="Of these, with an opt-out or a bounce")


class ResultSerializer(serializers.Serializer[Any]):
    """What may be said at any time: see docs/experiments.md."""

    verdict = serializers.SerializerMethodField()
    winner = serializers.CharField(source="winner.arm.name", default=None, allow_null=True)
    surety = serializers.FloatField(source="pair.surety", help_text="1 - p of the best arm against the next best")
    low = serializers.FloatField(source="pair.low", help_text="Interval of their ratio, valid at all times at once")
    high = serializers.SerializerMethodField(help_text="null: not bounded yet")
    days_left = serializers.IntegerField(allow_null=True)
    arms = ArmSerializer(many=True)

    def get_verdict(self, found: Any) -> str:
        return sentences.verdict(found)

    def get_high(self, found: Any) -> float | None:
        return found.pair.high if found.pair.high != float("inf") else None


class ExperimentSerializer(ModelSerializer[Experiment]):
    result = serializers.SerializerMethodField()

    class Meta:
        model = Experiment
        fields = [
            "id", "name", "campaign", "step", "state", "factor", "metric", "unit", "mode", "base_rate", "ratio", "alpha", "power",
            "needed", "takes_winner", "winner", "reason", "started_at", "ended_at", "result",
        ]  # fmt: skip

    @extend_schema_field(ResultSerializer)
    def get_result(self, row: Experiment) -> Any:
        return ResultSerializer(results_of(row)).data


class PlanSerializer(serializers.Serializer[Any]):
    step = serializers.PrimaryKeyRelatedField(queryset=Step.objects.select_related("campaign__stream", "pack_version"))
    name = serializers.CharField(max_length=200)
    factor = serializers.ChoiceField(CHOICES, default="variant", help_text="What differs between the arms")
    values = serializers.ListField(
        child=serializers.CharField(max_length=200),
        help_text="One for each arm: a variant, `provider/model` or `builtin`, a tag of senders, hours such as "
        "`09:00-12:00` within the campaign's own, or the id of a playbook. The same one twice is an A/A test.",
    )
    base_rate = serializers.FloatField(help_text="Rate of success today, part of 1")
    ratio = serializers.FloatField(default=1.5, help_text="The difference that matters: 1.5 is half as many again")
    metric = serializers.ChoiceField(Experiment.Metric.choices, default=Experiment.Metric.REPLIED)
    unit = serializers.ChoiceField(Experiment.Unit.choices, default=Experiment.Unit.PERSON)
    mode = serializers.ChoiceField(Experiment.Mode.choices, default=Experiment.Mode.FIXED)
    takes_winner = serializers.BooleanField(default=False)


class ExperimentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Experiment]):
    """Comparisons of variants, with verdicts that hold however often they are read."""

    queryset = Experiment.objects.select_related("campaign", "step", "winner").prefetch_related("arms")
    serializer_class = ExperimentSerializer
    filterset_fields = ["campaign", "step", "state"]
    required_role = Role.OPERATOR

    @extend_schema(request=PlanSerializer, responses={201: ExperimentSerializer})
    def create(self, request: Request) -> Response:
        """Plan an experiment; it starts with `start`."""
        body = given(PlanSerializer, request.data)
        row = services.create(services.Plan(**body), actor=Actor.of(request.user))
        return Response(ExperimentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Give people to arms from now on."""
        row = self.get_object()
        services.start(experiment=row, actor=Actor.of(request.user))
        return Response(ExperimentSerializer(row).data)

    @extend_schema(request=None, responses=ExperimentSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End it without a winner."""
        row = self.get_object()
        services.stop(experiment=row, actor=Actor.of(request.user))
        return Response(ExperimentSerializer(row).data)
