"""Live sets over HTTP: a campaign's set, its best leads, and matching by other criteria."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.audience import live, shortlist
from campaigns.audience.models import LiveSet
from campaigns.models import Campaign
from leads.segments.models import Segment, SegmentVersion
from outreach.access.roles import Role
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given

MOST = 500


class LiveSetSerializer(ModelSerializer[LiveSet]):
    """`is_full`: more leads match than are kept, the best of them by rank."""

    waiting = serializers.IntegerField(source="size")
    is_full = serializers.SerializerMethodField()
    backlog = serializers.SerializerMethodField(help_text="Changed leads waiting to be processed, up to 10,000")

    class Meta:
        model = LiveSet
        fields = [
            "campaign", "segment_version", "channel", "waiting", "is_full", "entered_count", "left_count", "evicted_count",
            "matched_at", "match_ms", "backlog",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_full(self, row: LiveSet) -> bool:
        return row.floor_rank is not None

    def get_backlog(self, row: LiveSet) -> int:
        return live.backlog()


class RankedLeadSerializer(serializers.Serializer[Any]):
    lead = serializers.IntegerField()
    rank = serializers.IntegerField()


class CriteriaChangeSerializer(serializers.Serializer[Any]):
    """Give `segment_version`, or `segment` for its newest. `scope`: `new` leaves leads in flight, `all` matches them too."""

    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all(), required=False)
    segment_version = serializers.PrimaryKeyRelatedField(queryset=SegmentVersion.objects.all(), required=False)
    scope = serializers.ChoiceField(choices=list(live.SCOPES))


def _set_of(campaign_id: int, least: int = 0) -> LiveSet:
    campaign = get_object_or_404(Campaign, pk=campaign_id)
    row = live.ensure(campaign=campaign, least=least)
    if row is None:
        raise Refused(_("Only a daily campaign that is ready, sending or paused has a live set."), code="not_live")
    return row


class LiveView(APIView):
    """The live set of a campaign."""

    required_role = Role.OPERATOR

    @extend_schema(responses=LiveSetSerializer)
    def get(self, request: Request, campaign_id: str) -> Response:
        """Size, what came and went, when it was last matched as a whole."""
        return Response(LiveSetSerializer(_set_of(int(campaign_id))).data)


class LiveLeadsView(APIView):
    """The best of a live set."""

    required_role = Role.OPERATOR

    @extend_schema(
        parameters=[OpenApiParameter("limit", int, description=f"How many, at most {MOST}")],
        responses=RankedLeadSerializer(many=True),
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        """The leads that would be taken next, best first; nothing is taken."""
        text = request.query_params.get("limit", "50")
        if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST:
            raise Invalid("limit", _("Enter a whole number from 1 to %(most)s.") % {"most": MOST})
        row = _set_of(int(campaign_id), int(text))
        best = shortlist.peek(campaign=row.campaign, limit=int(text))
        return Response([{"lead": lead, "rank": rank} for lead, rank in best])


class CriteriaView(APIView):
    """The criteria of a live campaign."""

    required_role = Role.OPERATOR

    @extend_schema(request=CriteriaChangeSerializer, responses=LiveSetSerializer)
    def post(self, request: Request, campaign_id: str) -> Response:
        """Match the campaign by another segment version from now on."""
        data = given(CriteriaChangeSerializer, request.data)
        version = data.get("segment_version") or (data["segment"].current if data.get("segment") else None)
        if version is None:
            raise Invalid("segment_version", _("Choose the segment or one of its versions."))
        campaign = get_object_or_404(Campaign, pk=int(campaign_id))
        live.change_criteria(
            campaign=campaign, segment_version=version, scope=data["scope"], actor=Actor.of(request.user)
        )
        return Response(LiveSetSerializer(LiveSet.objects.get(campaign=campaign)).data)
