"""Predictions, feedback and metrics over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from leads.qualification import predicting
from leads.qualification.models import Brief, Feedback
from outreach.access.pages import viewer
from outreach.core.paging import as_id
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given

MOST_BRIEFS = 100


class PredictInput(serializers.Serializer[Any]):
    """`features` replace facts of the lead for this question; then the rules answer, not the learner."""

    lead_id = serializers.IntegerField(min_value=1, max_value=2**62)
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all(), required=False, allow_null=True)
    features = serializers.DictField(required=False, allow_null=True)


class PredictOutput(serializers.Serializer[Any]):
    lead = serializers.IntegerField()
    brief = serializers.IntegerField()
    probability = serializers.FloatField(allow_null=True)
    decision = serializers.BooleanField(allow_null=True, help_text="null: a person or a model decides")
    source = serializers.ChoiceField(choices=["learner", "rules"])  # type: ignore[assignment]
    labels = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())
    outcomes = serializers.DictField(
        help_text="`campaigns`: chances to reply and to convert in each that has not written yet; `silence`: whether "
        "they have stopped answering. Empty or null where too little is known."
    )


class LeadFeedbackInput(serializers.Serializer[Any]):
    action = serializers.CharField(max_length=40, help_text="user_approved, user_rejected, got_reply, got_interview or no_response")  # fmt: skip
    reward = serializers.FloatField(
        required=False, allow_null=True, help_text="-100 to 100; left out: 10, -5, 5, 20 or -1"
    )
    metadata = serializers.DictField(required=False, default=dict, help_text="`reason` is kept with the label")
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all(), required=False, allow_null=True)


class FeedbackInput(LeadFeedbackInput):
    lead_id = serializers.IntegerField(min_value=1, max_value=2**62)


class FeedbackOutput(ModelSerializer[Feedback]):
    class Meta:
        model = Feedback
        fields = ["id", "lead", "brief", "action", "reward", "metadata", "given_by", "created_at"]


class MetricsOutput(serializers.Serializer[Any]):
    brief = serializers.IntegerField()
    name = serializers.CharField()
    labels = serializers.IntegerField()
    positive = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True, help_text="Of each label, guessed without knowing it")
    accuracy_interval = serializers.ListField(child=serializers.FloatField(), allow_null=True, help_text="95%")
    majority_accuracy = serializers.FloatField(allow_null=True, help_text="Of always giving the commoner answer")
    auc = serializers.FloatField(allow_null=True)
    decides_alone = serializers.BooleanField()
    yes_from = serializers.FloatField(allow_null=True)
    no_to = serializers.FloatField(allow_null=True)
    promised_error = serializers.FloatField()
    checked = serializers.IntegerField()
    checked_error = serializers.FloatField(allow_null=True)
    checks_waiting = serializers.IntegerField()
    is_stopped = serializers.BooleanField()
    version = serializers.IntegerField()


class PredictView(APIView):
    """The probability that a lead fits a brief: the learner's, or the rules' score while it knows too little."""

    required_role = "viewer"

    @extend_schema(
        request=PredictInput,
        responses=PredictOutput,
        examples=[
            OpenApiExample("A lead", value={"lead_id": 123, "brief": 4}, request_only=True),
            OpenApiExample("Other facts", value={"lead_id": 123, "features": {"title": "CTO"}}, request_only=True),
            OpenApiExample(
                "The learner is sure",
                value={"lead": 123, "brief": 4, "probability": 0.972, "decision": True, "source": "learner", "labels": 140,
                       "reasons": [],
                       "outcomes": {
                           "campaigns": [
                               {"campaign": 7, "candidate": 210, "reply": 0.11, "conversion": 0.04, "usual_reply": 0.07,
                                "usual_conversion": 0.03, "learned_from": 2400, "is_calibrated": True,
                                "reasons": [{"fact": "Decides (by title)", "odds": 1.6}]}
                           ],
                           "silence": None}},
                response_only=True,
            ),
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        values = given(PredictInput, request.data)
        lead = get_object_or_404(Lead.objects.alive().select_related("company"), pk=values["lead_id"])
        brief = predicting.brief_for(lead, values.get("brief"))
        found = predicting.predict(lead=lead, brief=brief, features=values.get("features"))
        return Response(
            {
                "lead": lead.pk,
                "brief": brief.pk,
                "probability": found.probability,
                "decision": found.answer,
                "source": found.source,
                "labels": found.labels,
                "reasons": found.reasons,
                "outcomes": predicting.outcomes_of(lead),
            }
        )


class FeedbackView(APIView):
    """Say what happened with a lead. Approvals, rejections and calls train the brief's learner."""

    required_role = "reviewer"

    @extend_schema(
        request=FeedbackInput,
        responses={201: FeedbackOutput},
        examples=[
            OpenApiExample(
                "Approved", value={"lead_id": 123, "action": "user_approved", "reward": 10}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        values = given(FeedbackInput, request.data)
        return _give(request, values.pop("lead_id"), values)


class LeadFeedbackView(APIView):
    """Say what happened with this lead. Approvals, rejections and calls train the brief's learner."""

    required_role = "reviewer"

    @extend_schema(
        request=LeadFeedbackInput,
        responses={201: FeedbackOutput},
        examples=[
            OpenApiExample(
                "Rejected",
                value={"action": "user_rejected", "reward": -5, "metadata": {"reason": "A competitor"}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, lead_id: int) -> Response:
        body = given(LeadFeedbackInput, request.data)
        return _give(request, int(lead_id), dict(body))


class MetricsView(APIView):
    """How good each brief's learner is: on its labels, each guessed without knowing it, and on checked decisions."""

    @extend_schema(
        parameters=[OpenApiParameter("brief", int, description="One brief only")], responses=MetricsOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        briefs = Brief.objects.order_by("pk")
        if number := request.query_params.get("brief", ""):
            briefs = Brief.objects.filter(pk=as_id(number))
            get_object_or_404(briefs)
        return Response([predicting.metrics(brief) for brief in briefs[:MOST_BRIEFS]])


def _give(request: Request, lead_id: int, values: dict[str, Any]) -> Response:
    lead = get_object_or_404(Lead.objects.alive(), pk=lead_id)
    feedback = predicting.give_feedback(
        lead=lead,
        brief=predicting.brief_for(lead, values.get("brief")),
        action=values["action"],
        reward=values.get("reward"),
        metadata=values["metadata"],
        user=viewer(request),
    )
    return Response(FeedbackOutput(feedback).data, status=status.HTTP_201_CREATED)
