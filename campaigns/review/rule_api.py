"""Approval rules over HTTP: list, add, try on earlier drafts, turn off and on."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.drafts.models import ApprovalRule
from campaigns.models import Campaign
from campaigns.review import rules
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer


class RuleSerializer(ModelSerializer[ApprovalRule]):
    conditions = serializers.DictField(help_text="All must hold; {} means every draft")

    class Meta:
        model = ApprovalRule
        fields = ["id", "name", "action", "campaign", "conditions", "is_active", "created_at"]
        read_only_fields = ["id", "is_active", "created_at"]


class TrialInputSerializer(serializers.Serializer[Any]):
    conditions = serializers.DictField()
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True, default=None
    )


TRIAL = inline_serializer(
    "RuleTrial",
    {
        "looked_at": serializers.IntegerField(help_text="Earlier drafts, the newest first"),
        "matching": serializers.IntegerField(help_text="For how many the conditions hold"),
        "approved": serializers.IntegerField(help_text="Of these, approved by a person as they were"),
        "edited": serializers.IntegerField(help_text="Of these, edited by a person first"),
        "rejected": serializers.IntegerField(help_text="Of these, rejected by a person"),
        "drafts": serializers.ListField(child=serializers.IntegerField(), help_text="Some of them"),
    },
)


class RuleViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, viewsets.GenericViewSet[ApprovalRule]
):
    """Approval rules. Without one every draft needs a person."""

    queryset = ApprovalRule.objects.all()
    serializer_class = RuleSerializer
    filterset_fields = ["campaign", "is_active"]
    required_role = Role.OPERATOR

    def perform_create(self, serializer: serializers.BaseSerializer[ApprovalRule]) -> None:
        serializer.instance = rules.save_rule(**serializer.validated_data, actor=Actor.of(self.request.user))

    @extend_schema(request=None, responses=RuleSerializer)
    @action(detail=True, methods=["post"])
    def switch(self, request: Request, pk: str) -> Response:
        """Turn a rule off, or on again."""
        return Response(RuleSerializer(rules.switch_rule(self.get_object(), actor=Actor.of(request.user))).data)

    @extend_schema(request=TrialInputSerializer, responses=TRIAL)
    @action(detail=False, methods=["post"], url_path="trial")
    def trial(self, request: Request) -> Response:
        """What a rule with these conditions would have caught among earlier drafts. Nothing is changed."""
        given = TrialInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        conditions = rules.parse_conditions(given.validated_data["conditions"])
        found = rules.try_rule(conditions, campaign=given.validated_data["campaign"])
        return Response(found.as_json(), status=status.HTTP_200_OK)
