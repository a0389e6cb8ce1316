"""Predictions over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from campaigns.predictions import cards, selectors, services
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest.views import APIView, given


class UseSerializer(serializers.Serializer[Any]):
    orders = serializers.BooleanField(help_text="The most promising people are written to first")
    times = serializers.BooleanField(help_text="Messages wait for the best hour of the day")


class CampaignPredictionSerializer(serializers.Serializer[Any]):
    """What is expected of a campaign. `null`: too little is known to say it."""

    forecast = serializers.DictField(help_text="reply, booking → so_far, expected, low, high, learned_from")
    best_time = serializers.DictField(allow_null=True, help_text="In the recipient's time; weekday 0 is Monday")
    follows = UseSerializer()


class ModelsSerializer(serializers.Serializer[Any]):
    night = serializers.DateField(allow_null=True)
    people = serializers.IntegerField(help_text="People that the newest night learned from")
    models = serializers.DictField(
        help_text="reply, conversion → figures on the newest fifth; missing: too little data"
    )
    use = serializers.DictField(help_text="What following predictions brought, beside the held-out share")
    card = serializers.CharField(help_text="Model card in Markdown")


class ModelsView(APIView):
    """What predictions rest on: data, figures, calibration, and the model card."""

    required_role = Role.VIEWER

    @extend_schema(responses=ModelsSerializer)
    def get(self, request: Request) -> Response:
        knowledge = services.in_force()
        return Response(
            {
                "night": knowledge.night.night if knowledge else None,
                "people": knowledge.night.people_count if knowledge else 0,
                "models": {t: e.figures for t, e in knowledge.estimators.items()} if knowledge else {},
                "use": knowledge.night.use if knowledge else {},
                "card": cards.card(knowledge),
            }
        )


class CampaignPredictionsView(APIView):
    """A campaign's forecast, its best time, and whether it follows predictions."""

    required_role = Role.VIEWER

    @extend_schema(responses=CampaignPredictionSerializer)
    def get(self, request: Request, campaign_id: int) -> Response:
        return Response(_campaign(get_object_or_404(_campaigns(), pk=campaign_id)))


class CampaignUseView(APIView):
    """Choose what a campaign follows. Refused (409) until predictions are calibrated; turning off always works."""

    required_role = Role.OPERATOR

    @extend_schema(request=UseSerializer, responses=CampaignPredictionSerializer)
    def put(self, request: Request, campaign_id: int) -> Response:
        campaign = get_object_or_404(_campaigns(), pk=campaign_id)
        body = given(UseSerializer, request.data)
        services.follow(campaign=campaign, actor=Actor.of(request.user), **body)
        return Response(_campaign(campaign))


def _campaigns() -> Any:
    return Campaign.objects.select_related("segment_version", "stream")


def _campaign(campaign: Campaign) -> dict[str, Any]:
    time, use = selectors.best_time(campaign), selectors.use_of(campaign)
    return {
        "forecast": {one.target: one.as_json() for one in selectors.expected(campaign)},
        "best_time": time.as_json() if time else None,
        "follows": {"orders": use.orders, "times": use.times},
    }
