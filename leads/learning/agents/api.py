"""Choosing leads by a brief's policies over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leads.learning.agents import sampling
from leads.learning.models import Sampler
from leads.models import Lead
from leads.qualification.models import Brief
from outreach.access.roles import Role
from outreach.core.rest.views import APIView, given

MOST_LEADS = 1_000


class ChooseInput(serializers.Serializer[Any]):
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all())
    leads = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), min_length=1, max_length=MOST_LEADS
    )
    budget = serializers.IntegerField(min_value=1, max_value=MOST_LEADS, default=MOST_LEADS)
    policy = serializers.ChoiceField(choices=sampling.POLICIES, required=False, allow_blank=True, default="")


class ChooseOutput(serializers.Serializer[Any]):
    policy = serializers.ChoiceField(choices=sampling.POLICIES, help_text="The one that chose")
    leads = serializers.ListField(child=serializers.IntegerField(), help_text="Best first")
    measures = serializers.DictField(help_text="AUC of each on experiences not learned from yet; empty: too few")


class ChooseView(APIView):
    """Which of some leads first, by the policy that measures better for the brief, or a named one."""

    required_role = Role.REVIEWER

    @extend_schema(request=ChooseInput, responses=ChooseOutput)
    def post(self, request: Request) -> Response:
        values = given(ChooseInput, request.data)
        found = Lead.objects.alive().select_related("company").in_bulk(values["leads"])
        leads = [found[pk] for pk in dict.fromkeys(values["leads"]) if pk in found]
        name, chosen = sampling.choose(
            brief=values["brief"], leads=leads, budget=values["budget"], policy=values["policy"]
        )
        sampler = Sampler.objects.filter(brief=values["brief"]).first()
        return Response(
            {"policy": name, "leads": [lead.pk for lead in chosen], "measures": sampler.measures if sampler else {}}
        )
