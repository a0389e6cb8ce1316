"""Candidates over HTTP: score, verdict and reasons, a person's decision, and what came of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import outcomes
from campaigns.audience import services
from campaigns.journey.leaving import exclude
from campaigns.models import Candidate, Outcome
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class CandidateSerializer(ModelSerializer[Candidate]):
    """A lead in a campaign: score, verdict and reasons."""

    name = serializers.CharField(source="lead.__str__", read_only=True)
    company = serializers.CharField(source="lead.company.name", read_only=True, default="")
    qualified = serializers.BooleanField(source="verdict.is_qualified", read_only=True, allow_null=True, default=None)
    reasons = serializers.JSONField(source="verdict.reasons", read_only=True, default=None)
    qualified_at = serializers.DateTimeField(source="verdict.created_at", read_only=True, allow_null=True, default=None)
    outcomes = serializers.SlugRelatedField[Outcome](many=True, read_only=True, slug_field="kind")

    class Meta:
        model = Candidate
        fields = [
            "id",
            "lead",
            "name",
            "company",
            "stage",
            "stage_reason",
            "score",
            "qualified",
            "reasons",
            "qualified_at",
            "problem",
            "outcomes",
        ]
        read_only_fields = fields


class DecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=["qualify", "disqualify", "exclude", "include"])
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class OutcomeSerializer(ModelSerializer[Outcome]):
    kind = serializers.ChoiceField(choices=[kind.value for kind in outcomes.BY_HAND])

    class Meta:
        model = Outcome
        fields = ["id", "kind", "message", "value", "occurred_at"]
        read_only_fields = ["id", "message", "occurred_at"]


class CandidateViewSet(mixins.RetrieveModelMixin, viewsets.GenericViewSet[Candidate]):
    """One candidate, manual decisions about it, and its outcomes."""

    serializer_class = CandidateSerializer
    queryset = Candidate.objects.select_related("campaign__stream", "campaign__brief", "lead__company", "verdict")
    required_role = Role.REVIEWER

    @extend_schema(request=DecisionSerializer, responses=CandidateSerializer)
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, pk: str) -> Response:
        """Qualify, disqualify, exclude or restore."""
        candidate = self.get_object()
        form = given(DecisionSerializer, request.data)
        decision, reason = form["decision"], form["reason"]
        if decision in ("qualify", "disqualify"):
            services.decide(
                candidate=candidate, is_qualified=decision == "qualify", user=viewer(request), reason=reason
            )
        else:
            service = exclude if decision == "exclude" else services.include
            service(candidate=candidate, actor=Actor.of(request.user), reason=reason)
        return Response(CandidateSerializer(candidate).data)

    @extend_schema(methods=["GET"], responses=OutcomeSerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=OutcomeSerializer, responses={201: OutcomeSerializer})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def outcomes(self, request: Request, pk: str) -> Response:
        """The facts about this candidate; POST records booked, held, won or lost."""
        candidate = get_object_or_404(self.get_queryset(), pk=pk)
        if request.method == "GET":
            return Response(OutcomeSerializer(candidate.outcomes.order_by("occurred_at", "pk"), many=True).data)
        form = given(OutcomeSerializer, request.data)
        row = outcomes.record_by_hand(
            candidate=candidate,
            kind=form["kind"],
            user=viewer(request),
            value=form.get("value"),
        )
        return Response(OutcomeSerializer(row).data, status=status.HTTP_201_CREATED)
