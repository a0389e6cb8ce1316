"""Preflight over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.launch import checks as preflight
from campaigns.launch import recipients as services
from campaigns.models import Campaign
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.jobs.api import JobSerializer


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
