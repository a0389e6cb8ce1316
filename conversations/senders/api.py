"""Senders over REST. Credentials go in and never come out."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.senders import assigning, checks, domains, policy, selectors, services
from conversations.senders.deliverability.models import DomainCheck
from conversations.senders.models import Sender
from outreach.access.roles import Role
from outreach.core import clock
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.fields import ObjectField
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given
from outreach.limits.calendars import format_minute


class SenderSerializer(ModelSerializer[Sender]):
    settings = ObjectField(required=False, help_text="Hosts, ports, security; no secrets")
    credentials = ObjectField(write_only=True, required=False)
    group_limits = ObjectField(required=False, help_text="Messages an hour to one mail provider: {google: 20}")
    working_hours = ObjectField(required=False, help_text="{days: [0…6], start: '09:00', end: '17:00'}; empty: always")
    warnings = serializers.SerializerMethodField(
        help_text="Warnings about settings that are allowed but probably unintended"
    )

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


class SenderTest(serializers.Serializer[Any]):
    test_address = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Your own address; empty: sign in only"
    )


class SenderPool(serializers.Serializer[Any]):
    pool = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Tag; empty: all on the channel"
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class SenderMoved(serializers.Serializer[Any]):
    moved = serializers.IntegerField()
    to_review = serializers.IntegerField(help_text="Moved and waiting for review: their texts name the old sender")
    kept = serializers.IntegerField(help_text="Kept: their leads know this sender")
    by_sender = serializers.DictField(child=serializers.IntegerField())


class AllowancePart(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    number = serializers.IntegerField()
    note = serializers.CharField()


class AllowanceBudget(serializers.Serializer[Any]):
    span = serializers.CharField()
    used = serializers.IntegerField()
    cap = serializers.IntegerField()


class AllowanceProvider(serializers.Serializer[Any]):
    name = serializers.CharField()
    is_slowed = serializers.BooleanField()
    per_hour = serializers.FloatField()
    full_per_hour = serializers.FloatField()
    room = serializers.IntegerField(
        allow_null=True, help_text="Messages that may be sent immediately; null: only the caps apply"
    )
    next_at = serializers.DateTimeField(allow_null=True)


class RampDaySerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    allowance = serializers.IntegerField()
    is_done = serializers.BooleanField()
    is_today = serializers.BooleanField()


class SenderAllowance(serializers.Serializer[Any]):
    allowance = serializers.IntegerField(help_text="Messages in 24 hours: the smallest limit")
    left = serializers.IntegerField()
    planned = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="Next possible time; null: a person must act")
    next_reason = serializers.CharField()
    parts = AllowancePart(many=True)
    budgets = AllowanceBudget(many=True)
    providers = AllowanceProvider(many=True)
    ramp = RampDaySerializer(many=True)


class HealthFinding(serializers.Serializer[Any]):
    figure = serializers.CharField(source="guardrail.figure")
    count = serializers.IntegerField()
    rate = serializers.FloatField()
    limit = serializers.FloatField(source="guardrail.stops_at")
    factor = serializers.FloatField()
    sentence = serializers.CharField()


class SenderHealth(serializers.Serializer[Any]):
    is_judged = serializers.BooleanField(help_text="From 50 messages in 7 days on")
    factor = serializers.FloatField(help_text="Remaining share of the pace; 0: paused")
    sentence = serializers.CharField()
    sent = serializers.IntegerField(source="figures.sent")
    findings = HealthFinding(many=True)


class SenderWorkday(serializers.Serializer[Any]):
    day = serializers.DateField()
    time_zone = serializers.CharField()
    is_enforced = serializers.BooleanField()
    start = serializers.CharField(allow_null=True)
    end = serializers.CharField(allow_null=True)
    lunch = serializers.ListField(child=serializers.CharField(), allow_null=True)
    hourly_cap = serializers.IntegerField(allow_null=True)
    gap_seconds = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Minimum, most likely, maximum"
    )
    allowance = serializers.IntegerField()
    sends = serializers.ListField(child=serializers.DateTimeField())


def describe_workday(view: selectors.WorkdayView) -> dict[str, Any]:
    """A workday as the API and the command print it."""
    day = view.workday
    return {
        "day": view.day,
        "time_zone": str(view.time_zone),
        "is_enforced": view.is_enforced,
        "start": format_minute(day.start) if day else None,
        "end": format_minute(day.end) if day else None,
        "lunch": [format_minute(minute) for minute in day.lunch] if day and day.lunch else None,
        "hourly_cap": day.hourly_cap if day else None,
        "gap_seconds": [round(seconds, 1) for seconds in day.gap] if day else None,
        "allowance": view.allowance,
        "sends": view.sends,
    }


class SenderFinding(serializers.Serializer[Any]):
    finding = serializers.CharField()


class DomainCheckSerializer(ModelSerializer[DomainCheck]):
    """`verdict`: pass, warn, fail or unknown, which never counts as failing."""

    check = serializers.CharField(source="check_name", read_only=True)
    advice = serializers.CharField(read_only=True)

    class Meta:
        model = DomainCheck
        fields = ("domain", "selector", "check", "verdict", "code", "evidence", "advice", "checked_at", "failing_since")
        read_only_fields = fields


class SenderViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Sender],
):
    """List, make, change, verify, pause, drain, re-home and delete senders; see what each may do today."""

    queryset = Sender.objects.all()
    serializer_class = SenderSerializer
    required_role = Role.OPERATOR
    filterset_fields = ("channel", "adapter", "state")

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sender = services.create_sender(
            services.SenderConfig(**serializer.validated_data), actor=Actor.of(request.user)
        )
        return Response(self.get_serializer(sender).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        sender = self.get_object()
        serializer = self.get_serializer(sender, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.update_sender(sender=sender, actor=Actor.of(request.user), **serializer.validated_data)
        return Response(self.get_serializer(sender).data)

    @extend_schema(request=SenderPool, responses={200: SenderFinding})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete it: removed if it never sent anything, otherwise stopped and without credentials."""
        body = given(SenderPool, request.data or {})
        sender, tag = self.get_object(), body["pool"]
        found = services.delete_sender(
            sender=sender,
            actor=Actor.of(request.user),
            reason=body["reason"] or "Deleted over the API.",
            to=selectors.others(sender, tag=tag) if tag else (),
        )
        return Response({"finding": found})

    @extend_schema(request=SenderTest, responses=SenderFinding)
    @action(detail=True, methods=["post"], calls_out=True)
    def verification(self, request: Request, pk: str | None = None) -> Response:
        """Sign in for real and send a test message to your own address; the sender is active afterwards."""
        body = given(SenderTest, request.data or {})
        found = services.verify_sender(
            sender=self.get_object(),
            actor=Actor.of(request.user),
            test_address=body["test_address"],
        )
        return Response({"finding": found})

    @extend_schema(responses=SenderAllowance)
    @action(detail=True)
    def allowance(self, request: Request, pk: str | None = None) -> Response:
        """Today's allowance as the smallest of its parts, what is left, warm-up, providers, next possible time."""
        return Response(SenderAllowance(selectors.overview(self.get_object(), clock.now())).data)

    @extend_schema(responses=SenderHealth)
    @action(detail=True)
    def health(self, request: Request, pk: str | None = None) -> Response:
        """Figures of seven days against the guardrails."""
        return Response(SenderHealth(selectors.overview(self.get_object(), clock.now()).health).data)

    @extend_schema(
        parameters=[OpenApiParameter("day", date, description="2026-03-02 (default: today)")], responses=SenderWorkday
    )
    @action(detail=True)
    def workday(self, request: Request, pk: str | None = None) -> Response:
        """One day: start, lunch, end, messages an hour, gaps, and when messages would leave at full pace."""
        sender, now = self.get_object(), clock.now()
        text = str(request.query_params.get("day", ""))
        try:
            day = date.fromisoformat(text) if text else policy.today(sender, now)
        except ValueError as error:
            raise Invalid("day", f"“{text}” is not a date. Use the form 2026-03-02.", code="malformed") from error
        return Response(SenderWorkday(describe_workday(selectors.workday_view(sender, day, now))).data)

    @extend_schema(request=SenderReason, responses=SenderSerializer)
    @action(detail=True, methods=["post"])
    def drain(self, request: Request, pk: str | None = None) -> Response:
        """Finish planned messages and take no new leads."""
        body = given(SenderReason, request.data)
        reason = body["reason"] or "Drained over the API."
        sender = services.drain_sender(sender=self.get_object(), actor=Actor.of(request.user), reason=reason)
        return Response(self.get_serializer(sender).data)

    @extend_schema(request=SenderPool, responses=SenderMoved)
    @action(detail=True, methods=["post"])
    def rehome(self, request: Request, pk: str | None = None) -> Response:
        """Give what is planned for people that it never wrote to, to the other senders of a pool."""
        body = given(SenderPool, request.data)
        sender = self.get_object()
        moved = assigning.rehome(
            sender=sender,
            to=selectors.others(sender, tag=body["pool"]),
            actor=Actor.of(request.user),
            reason=body["reason"] or "Moved over the API.",
        )
        return Response(SenderMoved(moved).data)

    @extend_schema(request=None, responses=DomainCheckSerializer(many=True))
    @action(
        detail=True,
        methods=["post"],
        url_path="domain-checks",
        pagination_class=None,
        filter_backends=[],
        calls_out=True,
    )
    def domain_checks(self, request: Request, pk: str | None = None) -> Response:
        """Ask the DNS about the sender's domain now: SPF, DKIM, DMARC, MX, blocklists."""
        rows = domains.examine_sender(sender=self.get_object())
        return Response(DomainCheckSerializer(rows, many=True).data)

    @extend_schema(request=SenderReason, responses=SenderSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stop sending from it at once."""
        body = given(SenderReason, request.data)
        reason = body["reason"] or "Paused over the API."
        sender = services.pause_sender(sender=self.get_object(), actor=Actor.of(request.user), reason=reason)
        return Response(self.get_serializer(sender).data)

    @extend_schema(request=None, responses=SenderSerializer)
    @action(detail=True, methods=["post"])
    def activation(self, request: Request, pk: str | None = None) -> Response:
        """Send from it again."""
        sender = services.resume_sender(sender=self.get_object(), actor=Actor.of(request.user))
        return Response(self.get_serializer(sender).data)
