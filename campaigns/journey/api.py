"""What comes, over HTTP: a campaign's timeline, tomorrow, and the tasks of people."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.journey import forecast, turns
from campaigns.journey.models import Turn
from campaigns.journey.tomorrow import tomorrow
from campaigns.journey.views import STATES, lines
from campaigns.models import Campaign
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.paging import as_id
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given

PAGE = 100


class EntrySerializer(serializers.Serializer[Any]):
    """One line of a timeline. `time` is empty when it is no date yet."""

    time = serializers.CharField()
    recipient_time = serializers.CharField()
    recipient_zone = serializers.CharField()
    lead = serializers.IntegerField()
    name = serializers.CharField()
    company = serializers.CharField()
    step = serializers.IntegerField()
    sender = serializers.CharField()
    state = serializers.ChoiceField(choices=list(STATES))
    held_by = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()


TIMELINE = inline_serializer(
    "Timeline",
    {
        "people": serializers.IntegerField(help_text="In the campaign"),
        "counted": serializers.IntegerField(help_text="Calculated, best first"),
        "total": serializers.IntegerField(help_text="Entries matching the filter"),
        "next": serializers.CharField(help_text="Pass it as `after` for the next page; empty on the last"),
        "results": EntrySerializer(many=True),
    },
)


class TimelineView(APIView):
    """Every message of a campaign with its time, before and while it runs."""

    required_role = Role.OPERATOR

    @extend_schema(
        operation_id="campaigns_timeline_retrieve",
        parameters=[
            OpenApiParameter("step", int),
            OpenApiParameter("sender", int),
            OpenApiParameter("state", enum=list(STATES)),
            OpenApiParameter("search"),
            OpenApiParameter(
                "people",
                enum=["all"],
                description="`all`: the 5,000 best people of the campaign, not only 500; takes seconds",
            ),
            OpenApiParameter("after", description="The `next` value of the previous page"),
        ],
        responses=TIMELINE,
    )
    def get(self, request: Request, campaign_id: str) -> Response:
        """One page of the timeline, in the order of time."""
        campaign = get_object_or_404(Campaign.objects.select_related("stream"), pk=campaign_id)
        people = forecast.MOST_PEOPLE if request.query_params.get("people") == "all" else forecast.AT_ONCE
        found = forecast.timeline(campaign, people=people)
        query = request.query_params
        chosen = list(
            forecast.choose(
                found.entries,
                step=as_id(query.get("step", "")),
                sender=as_id(query.get("sender", "")),
                state=query.get("state", ""),
                search=query.get("search", ""),
            )
        )
        after = query.get("after", "")
        rest = [entry for entry in chosen if entry.key > after] if after else chosen
        page = rest[:PAGE]
        return Response(
            {
                "people": found.people,
                "counted": found.counted,
                "total": len(chosen),
                "next": page[-1].key if len(rest) > PAGE else "",
                "results": list(lines(page)),
            }
        )


SHARE = inline_serializer(
    "TomorrowShare",
    {
        "campaign": serializers.CharField(),
        "campaign_id": serializers.IntegerField(),
        "sender": serializers.CharField(),
        "count": serializers.IntegerField(),
        "first_at": serializers.DateTimeField(allow_null=True),
        "last_at": serializers.DateTimeField(allow_null=True),
        "held": serializers.DictField(child=serializers.IntegerField()),
    },
    many=True,
)
DAY = inline_serializer(
    "Tomorrow",
    {
        "day": serializers.DateField(),
        "count": serializers.IntegerField(),
        "held": serializers.IntegerField(),
        "to_review": serializers.IntegerField(),
        "conditions": serializers.IntegerField(),
        "tasks": serializers.IntegerField(),
        "shares": SHARE,
    },
)


class TomorrowView(APIView):
    """A dry run of a day."""

    required_role = Role.OPERATOR

    @extend_schema(
        operation_id="campaigns_tomorrow_retrieve",
        parameters=[OpenApiParameter("day", date, description="Default: tomorrow")],
        responses=DAY,
    )
    def get(self, request: Request) -> Response:
        """What would leave from each sender for each campaign, and which limit holds the rest back."""
        text = request.query_params.get("day", "")
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError as error:
            raise Invalid("day", "Enter the day in the form 2030-01-31.") from error
        return Response(as_json(tomorrow(day=day)))


def as_json(found: Any) -> dict[str, Any]:
    """A dry run as plain values."""
    return {
        "day": found.day,
        "count": found.count,
        "held": found.held,
        "to_review": found.to_review,
        "conditions": found.conditions,
        "tasks": found.tasks,
        "shares": [
            {
                "campaign": share.campaign.name,
                "campaign_id": share.campaign.pk,
                "sender": share.sender.name if share.sender else "",
                "count": share.count,
                "first_at": share.first_at,
                "last_at": share.last_at,
                "held": dict(share.held),
            }
            for share in found.shares
        ],
    }


class TaskSerializer(ModelSerializer[Turn]):
    """A step that a person does."""

    campaign = serializers.IntegerField(source="candidate.campaign_id", read_only=True)
    lead = serializers.IntegerField(source="candidate.lead_id", read_only=True)
    name = serializers.CharField(source="candidate.lead.__str__", read_only=True)
    step = serializers.IntegerField(source="step.number", read_only=True)
    instructions = serializers.CharField(source="step.instructions", read_only=True)

    class Meta:
        model = Turn
        fields = [
            "id", "campaign", "candidate", "lead", "name", "step", "instructions", "state", "due_at", "settled_at", "note",
        ]  # fmt: skip
        read_only_fields = fields


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


class TaskViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Turn]):
    """Tasks that wait for a person."""

    serializer_class = TaskSerializer
    required_role = Role.REVIEWER

    def get_queryset(self) -> QuerySet[Turn]:
        if self.action == "list":
            return turns.open_tasks()
        return Turn.objects.filter(step__action="task").select_related("candidate__lead", "step")

    @extend_schema(request=NoteSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """It is done: the sequence continues from now."""
        return self._settle(request, turns.do_task)

    @extend_schema(request=NoteSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Skip it: the sequence continues without it."""
        return self._settle(request, turns.skip_task)

    def _settle(self, request: Request, service: Any) -> Response:
        assert isinstance(request.user, User)
        form = given(NoteSerializer, request.data)
        turn = service(turn=self.get_object(), user=request.user, note=form["note"])
        return Response(TaskSerializer(turn).data)
