"""Messages over REST: read, explain, settle, retry, cancel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.delivery import services
from conversations.delivery.explain import explain
from conversations.models import Message
from outreach.access.models import Role
from outreach.core.models import Actor


class MessageSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = (
            "id", "conversation", "lead", "stream", "sender", "direction", "channel", "state", "address", "subject",
            "body", "language", "scheduled_at", "sent_at", "delivered_at", "opened_at", "clicked_at", "replied_at",
            "received_at", "attempts", "refused_by", "error_code", "error", "rfc_message_id", "provider_id", "follows",
            "interaction", "approved_by", "approval_rule", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    passed = serializers.BooleanField()
    sentence = serializers.CharField()
    next_at = serializers.DateTimeField(allow_null=True)


class ExplanationSerializer(serializers.Serializer[Any]):
    message_id = serializers.IntegerField()
    state = serializers.CharField()
    summary = serializers.CharField()
    is_sendable_now = serializers.BooleanField()
    next_at = serializers.DateTimeField(allow_null=True)
    checks = CheckSerializer(many=True)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class SettlementSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=["sent", "not_sent"])
    reason = serializers.CharField()


class MessageViewSet(viewsets.ReadOnlyModelViewSet[Message]):
    """Messages out and in; what people may do with one that needs them."""

    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    required_role = Role.OPERATOR
    filterset_fields = ("state", "channel", "direction", "stream", "sender", "lead", "conversation")

    @extend_schema(responses=ExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explain(self, request: Request, pk: str | None = None) -> Response:
        """Why is this message (not) sent?"""
        return Response(ExplanationSerializer(asdict(explain(self.get_object()))).data)

    @extend_schema(request=SettlementSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, pk: str | None = None) -> Response:
        """Say by evidence what became of an unknown message."""
        body = SettlementSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        message = services.settle(message=self.get_object(), actor=Actor.of(request.user), **body.validated_data)
        return Response(self.get_serializer(message).data)

    @extend_schema(request=ReasonSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Send a failed or held message now."""
        message = services.retry(message=self.get_object(), actor=Actor.of(request.user), reason=_reason(request))
        return Response(self.get_serializer(message).data)

    @extend_schema(request=ReasonSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, pk: str | None = None) -> Response:
        """Cancel a message that has not left."""
        message = services.cancel(message=self.get_object(), actor=Actor.of(request.user), reason=_reason(request))
        return Response(self.get_serializer(message).data)


def _reason(request: Request) -> str:
    body = ReasonSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["reason"])
