"""Messages over REST: read, explain, settle, retry, cancel."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.dispatch import reconciling
from conversations.dispatch.explain import explain
from conversations.models import Message
from conversations.outbox import causes
from conversations.outbox import services as outbox
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class MessageSerializer(ModelSerializer[Message]):
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


class EvidenceSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    sentence = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    message_id = serializers.IntegerField()
    state = serializers.CharField()
    summary = serializers.CharField()
    is_sendable_now = serializers.BooleanField()
    next_at = serializers.DateTimeField(allow_null=True)
    checks = CheckSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
    timing = serializers.JSONField(allow_null=True)


class MessageReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class SettlementSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=["sent", "not_sent"])
    reason = serializers.CharField()


class LookSerializer(serializers.Serializer[Any]):
    is_settled = serializers.BooleanField(help_text="Whether the evidence settles it")
    message = MessageSerializer()


class CauseSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    state = serializers.CharField()
    code = serializers.CharField()
    channel = serializers.CharField()
    sender_id = serializers.IntegerField(allow_null=True)
    title = serializers.CharField()
    change = serializers.CharField()
    can_retry = serializers.BooleanField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)
    sample = serializers.CharField()


class CauseActionSerializer(serializers.Serializer[Any]):
    cause = serializers.CharField(help_text="Key of a cause from the list of problems")
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class MessageCountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


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

    @extend_schema(responses=CauseSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def problems(self, request: Request) -> Response:
        """What failed or is held, by cause, with what to change."""
        return Response(CauseSerializer([asdict(cause) for cause in causes.causes()], many=True).data)

    @extend_schema(request=CauseActionSerializer, responses=MessageCountSerializer)
    @action(detail=False, methods=["post"], url_path="problems/retry")
    def retry_problems(self, request: Request) -> Response:
        """Retry all messages of one cause after the change, one at a time."""
        body = given(CauseActionSerializer, request.data)
        count = outbox.retry_cause(key=body["cause"], actor=Actor.of(request.user), reason=body["reason"])
        return Response({"count": count})

    @extend_schema(request=CauseActionSerializer, responses=MessageCountSerializer)
    @action(detail=False, methods=["post"], url_path="problems/cancellation")
    def cancel_problems(self, request: Request) -> Response:
        """Cancel all messages of one cause."""
        body = given(CauseActionSerializer, request.data)
        count = outbox.cancel_cause(key=body["cause"], actor=Actor.of(request.user), reason=body["reason"])
        return Response({"count": count})

    @extend_schema(request=SettlementSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, pk: str | None = None) -> Response:
        """Settle an unknown message by evidence."""
        body = given(SettlementSerializer, request.data)
        message = outbox.settle(message=self.get_object(), actor=Actor.of(request.user), **body)
        return Response(self.get_serializer(message).data)

    @extend_schema(request=None, responses=LookSerializer)
    @action(detail=True, methods=["post"], calls_out=True)
    def look(self, request: Request, pk: str | None = None) -> Response:
        """Look up an unknown message at its carrier now."""
        message = self.get_object()
        is_settled = reconciling.look(message)
        message.refresh_from_db()
        return Response(LookSerializer({"is_settled": is_settled, "message": message}).data)

    @extend_schema(request=MessageReasonSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Send a failed or held message now."""
        message = outbox.retry(message=self.get_object(), actor=Actor.of(request.user), reason=_reason(request))
        return Response(self.get_serializer(message).data)

    @extend_schema(request=MessageReasonSerializer, responses=MessageSerializer)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, pk: str | None = None) -> Response:
        """Cancel a message that has not left."""
        message = outbox.cancel(message=self.get_object(), actor=Actor.of(request.user), reason=_reason(request))
        return Response(self.get_serializer(message).data)


def _reason(request: Request) -> str:
    body = given(MessageReasonSerializer, request.data)
    return str(body["reason"])
