"""Preflight, and sending earlier than planned, over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.launch import checks as preflight
from campaigns.launch import recipients as services
from campaigns.launch import spend, timing
from campaigns.models import Campaign
from conversations.planning.reopening import Reopened
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest.views import APIView
from outreach.jobs.api import JobSerializer
from outreach.jobs.models import Job
from outreach.limits.calendars import parse_window
from outreach.llm.setup.services import cap_campaign


class ProblemSerializer(serializers.Serializer[Any]):
    place = serializers.CharField()
    text = serializers.CharField()
    is_blocking = serializers.BooleanField()


class PreflightSerializer(serializers.Serializer[Any]):
    is_clear = serializers.BooleanField(help_text="Whether the campaign is ready to launch")
    problems = ProblemSerializer(many=True)
    recipients = serializers.DictField(
        allow_null=True,
        help_text="Counts of the last check: good, unknown, risky, no_mail, unreachable, excluded, verified, not_there; note",
    )


class ForecastSerializer(serializers.Serializer[Any]):
    people = serializers.IntegerField(help_text="Without drafts yet")
    models = serializers.ListField(child=serializers.CharField())
    calls = serializers.IntegerField()
    tokens = serializers.IntegerField()
    low_usd = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    usd = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    high_usd = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    is_measured = serializers.BooleanField(help_text="False: only estimated, for too few calls were made yet")
    unpriced = serializers.ListField(child=serializers.CharField(), help_text="Models without a known price")
    is_held = serializers.BooleanField(help_text="Whether a spend cap keeps those from being asked")


class ModelCostsSerializer(serializers.Serializer[Any]):
    spent_usd = serializers.DecimalField(max_digits=12, decimal_places=6, read_only=True)
    cap_usd = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True, help_text="Null: no own cap")
    default_cap_usd = serializers.DecimalField(max_digits=9, decimal_places=2, read_only=True, allow_null=True)
    forecast = ForecastSerializer(read_only=True, allow_null=True, help_text="Null: no model would be asked")


class ModelCostsView(APIView):
    """What models have cost for a campaign, what they will cost, and its cap."""

    required_role: ClassVar[str] = Role.OPERATOR

    @extend_schema(responses=ModelCostsSerializer)
    def get(self, request: Request, campaign_id: int) -> Response:
        """Spent, capped and forecast."""
        campaign = get_object_or_404(Campaign.objects.select_related("brief"), pk=campaign_id)
        return Response(ModelCostsSerializer(spend.costs_of(campaign)).data)

    @extend_schema(request=ModelCostsSerializer, responses=ModelCostsSerializer)
    def put(self, request: Request, campaign_id: int) -> Response:
        """Set the campaign's own cap, or drop it with null."""
        campaign = get_object_or_404(Campaign.objects.select_related("brief"), pk=campaign_id)
        given = ModelCostsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        cap_campaign(campaign, usd=given.validated_data["cap_usd"], actor=Actor.of(request.user))
        return self.get(request, campaign_id)


class CheckInputSerializer(serializers.Serializer[Any]):
    verifies = serializers.BooleanField(default=False, help_text="Also verify the mailboxes, within the daily budget")


class PreflightView(APIView):
    """GET: what prevents a launch. POST: check the recipients' addresses as a job."""

    required_role: ClassVar[str] = Role.OPERATOR

    @extend_schema(responses=PreflightSerializer)
    def get(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(Campaign.objects.select_related("stream"), pk=campaign_id)
        problems = preflight.check(campaign)
        found = services.last_survey(campaign)
        body = {
            "is_clear": not any(problem.is_blocking for problem in problems),
            "problems": problems,
            "recipients": services.describe(found) if found else None,
        }
        return Response(PreflightSerializer(body).data)

    @extend_schema(request=CheckInputSerializer, responses={202: JobSerializer})
    def post(self, request: Request, campaign_id: int) -> Response:
        assert isinstance(request.user, User)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        given = CheckInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        verifies = given.validated_data["verifies"]
        job = services.start_check(campaign=campaign, started_by=request.user, verifies=verifies)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class TimingSerializer(serializers.Serializer[Any]):
    hours = serializers.CharField(help_text="When the campaign sends, in words")
    total = serializers.IntegerField(help_text="Planned messages that were looked at")
    due = serializers.IntegerField(help_text="How many of them may leave now")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When the next of the others may leave")
    closed = serializers.CharField(help_text="What holds the next of the others")
    text = serializers.CharField(help_text="All of it in a sentence")


class TimingView(APIView):
    """POST: let planned messages leave earlier. 202 with a job where there are very many."""

    required_role: ClassVar[str] = Role.OPERATOR

    def changed(self, request: Request, campaign_id: int, service: Callable[..., Reopened | Job]) -> Response:
        assert isinstance(request.user, User)
        campaign = get_object_or_404(Campaign.objects.select_related("stream"), pk=campaign_id)
        found = service(campaign=campaign, actor=Actor.of(request.user), started_by=request.user)
        if isinstance(found, Job):
            return Response(JobSerializer(found).data, status=status.HTTP_202_ACCEPTED)
        hours = str(parse_window(campaign.stream.window))
        return Response(TimingSerializer({**vars(found), "hours": hours, "text": timing.in_words(found)}).data)


class SendNowView(TimingView):
    @extend_schema(request=None, responses={200: TimingSerializer, 202: JobSerializer})
    def post(self, request: Request, campaign_id: int) -> Response:
        """Let planned first messages leave now, for twelve hours, whatever the campaign's own hours are."""
        return self.changed(request, campaign_id, timing.send_now)


class WiderHoursView(TimingView):
    @extend_schema(request=None, responses={200: TimingSerializer, 202: JobSerializer})
    def post(self, request: Request, campaign_id: int) -> Response:
        """Send every day from 08:00 to 20:00; where that is no more than now, at any time."""
        return self.changed(request, campaign_id, timing.widen_hours)
