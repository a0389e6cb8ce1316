"""Files and tracking of a campaign over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.steps import files
from campaigns.steps.models import StepFile
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given


class StepFileSerializer(ModelSerializer[StepFile]):
    step = serializers.IntegerField(source="step.number", help_text="Number of the step")
    content_hash = serializers.CharField(source="file.content_hash", help_text="Of a file at /api/v1/files")

    class Meta:
        model = StepFile
        fields = ("id", "step", "content_hash", "name", "is_inline")


class TrackingSerializer(serializers.Serializer[Any]):
    tracks_opens = serializers.BooleanField()
    tracks_clicks = serializers.BooleanField()


class CampaignFilesView(APIView):
    """Which files the steps of a campaign enclose."""

    required_role = Role.OPERATOR

    @extend_schema(responses=StepFileSerializer(many=True))
    def get(self, request: Request, campaign_id: int) -> Response:
        """All files of all steps."""
        rows = StepFile.objects.filter(step__campaign=campaign_id).select_related("step", "file").defer("file__content")
        return Response(StepFileSerializer(rows.order_by("step__number", "id"), many=True).data)

    @extend_schema(request=StepFileSerializer, responses={201: StepFileSerializer})
    def post(self, request: Request, campaign_id: int) -> Response:
        """Enclose an uploaded file with every message of a step."""
        body = given(StepFileSerializer, request.data)
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        step = get_object_or_404(campaign.steps.select_related("campaign"), number=body["step"]["number"])
        row = files.add_file(
            step=step,
            content_hash=body["file"]["content_hash"],
            name=body["name"],
            is_inline=body.get("is_inline", False),
            actor=Actor.of(request.user),
        )
        return Response(StepFileSerializer(row).data, status=status.HTTP_201_CREATED)


class CampaignFileView(APIView):
    """One file of a step."""

    required_role = Role.OPERATOR

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, campaign_id: int, file_id: int) -> Response:
        """Enclose it no more."""
        row = get_object_or_404(
            StepFile.objects.select_related("step__campaign"), pk=file_id, step__campaign=campaign_id
        )
        files.remove_file(file=row, actor=Actor.of(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CampaignTrackingView(APIView):
    """Whether opens and clicks of a campaign's mail are counted; off unless chosen."""

    required_role = Role.OPERATOR

    @extend_schema(responses=TrackingSerializer)
    def get(self, request: Request, campaign_id: int) -> Response:
        """What is counted now."""
        return Response(TrackingSerializer(_campaign(campaign_id).stream).data)

    @extend_schema(request=TrackingSerializer, responses=TrackingSerializer)
    def put(self, request: Request, campaign_id: int) -> Response:
        """Choose what is counted."""
        body = given(TrackingSerializer, request.data)
        campaign = _campaign(campaign_id)
        files.set_tracking(campaign=campaign, actor=Actor.of(request.user), **body)
        return Response(TrackingSerializer(campaign.stream).data)


def _campaign(campaign_id: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("stream"), pk=campaign_id)
