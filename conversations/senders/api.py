"""Senders over REST. Credentials go in and never come out."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.senders import checks, services
from conversations.senders.models import Sender
from outreach.access.models import Role
from outreach.core import clock
from outreach.core.models import Actor


class SenderSerializer(serializers.ModelSerializer[Sender]):
    credentials = serializers.JSONField(write_only=True, required=False)
    warnings = serializers.SerializerMethodField(help_text="What is allowed and probably not meant, in sentences")

    def get_warnings(self, sender: Sender) -> list[str]:
        return checks.warnings(sender, clock.now())

    class Meta:
        model = Sender
        fields = (
            "id", "name", "channel", "adapter", "address", "display_name", "signature", "settings", "credentials",
            "state", "state_reason", "verified_at", "hourly_cap", "daily_cap", "weekly_cap", "gap_seconds",
            "gap_jitter_percent", "warmup_start", "warmup_step", "warmup_ceiling", "has_workday", "group_limits", "health",
            "tested_at", "tested_address", "time_zone", "working_hours", "tags", "warnings", "last_polled_at",
            "last_poll_error", "created_at",
        )  # fmt: skip
        read_only_fields = (
            "state",
            "state_reason",
            "verified_at",
            "tested_at",
            "tested_address",
            "health",
            "last_polled_at",
            "last_poll_error",
            "created_at",
        )
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}


class SenderReason(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class SenderFinding(serializers.Serializer[Any]):
    finding = serializers.CharField()


class SenderViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Sender],
):
    """List, make, change, verify, pause and activate senders."""

    queryset = Sender.objects.all()
    serializer_class = SenderSerializer
    required_role = Role.OPERATOR
    filterset_fields = ("channel", "adapter", "state")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sender = services.create_sender(actor=Actor.of(request.user), **serializer.validated_data)
        return Response(self.get_serializer(sender).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        sender = self.get_object()
        serializer = self.get_serializer(sender, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.update_sender(sender=sender, actor=Actor.of(request.user), **serializer.validated_data)
        return Response(self.get_serializer(sender).data)

    @extend_schema(request=None, responses=SenderFinding)
    @action(detail=True, methods=["post"])
    def verification(self, request: Request, pk: str | None = None) -> Response:
        """Sign in for real; the sender is active afterwards."""
        return Response({"finding": services.verify_sender(sender=self.get_object(), actor=Actor.of(request.user))})

    @extend_schema(request=SenderReason, responses=SenderSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop sending from it at once."""
        body = SenderReason(data=request.data)
        body.is_valid(raise_exception=True)
        reason = body.validated_data["reason"] or "Paused over the API."
        sender = services.pause_sender(sender=self.get_object(), actor=Actor.of(request.user), reason=reason)
        return Response(self.get_serializer(sender).data)

    @extend_schema(request=None, responses=SenderSerializer)
    @action(detail=True, methods=["post"])
    def activation(self, request: Request, pk: str | None = None) -> Response:
        """Send from it again."""
        sender = services.resume_sender(sender=self.get_object(), actor=Actor.of(request.user))
        return Response(self.get_serializer(sender).data)
