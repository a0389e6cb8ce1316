"""Campaigns over HTTP: plan, lifecycle, candidates and outcomes. Errors are `{code, detail, field?}`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.audience import services as audience_of
from campaigns.audience.candidate_api import CandidateSerializer
from campaigns.audience.discovery import discover
from campaigns.audience.selectors import filtered
from campaigns.daily.one_click import DailyAnswers, create_daily
from campaigns.launch import services
from campaigns.launch.plan import CampaignPlan
from campaigns.launch.planning import create_campaign, edit_campaign
from campaigns.models import CANDIDATE, Campaign, Outcome
from campaigns.overview import selectors
from campaigns.steps.models import Step
from campaigns.steps.plan import StepPlan
from conversations.playbooks.models import Playbook
from conversations.senders.models import Sender
from leads.qualification.models import Brief
from leads.segments.models import Segment, SegmentVersion
from leads.segments.services import save_segment
from outreach.access.models import User
from outreach.access.roles import Role
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.rest import fields, viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given
from outreach.jobs.models import Job
from outreach.prompts.models import PackVersion


class StepSerializer(ModelSerializer[Step]):
    """One step of the sequence; `pack` names a prompt pack by its current version."""

    pack = serializers.CharField(source="pack_version.name", default="")

    class Meta:
        model = Step
        fields = [
            "number", "action", "channel", "sender", "pool", "pack", "instructions", "delay_days", "is_in_thread",
            "condition", "condition_step",
        ]  # fmt: skip
        read_only_fields = fields


class WindowSerializer(serializers.Serializer[Any]):
    """When messages may leave, in the recipient's time."""

    days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6))
    start = serializers.RegexField(r"^\d\d:\d\d$")
    end = serializers.RegexField(r"^\d\d:\d\d$")


class CampaignSerializer(ModelSerializer[Campaign]):
    """A campaign with its plan and counts by stage."""

    segment = serializers.IntegerField(source="segment_version.segment_id", read_only=True)
    segment_version = serializers.IntegerField(source="segment_version_id", read_only=True)
    criteria_hash = serializers.CharField(source="segment_version.criteria_hash", read_only=True)
    steps = StepSerializer(many=True, read_only=True)
    window = serializers.JSONField(source="stream.window", read_only=True)
    daily_cap = serializers.IntegerField(source="stream.daily_cap", read_only=True, allow_null=True)
    stages = serializers.SerializerMethodField(help_text="People by present stage")
    numbers = serializers.SerializerMethodField(help_text="What the campaign's page and the reports count")

    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "goal",
            "offer",
            "offer_translations",
            "booking_url",
            "mode",
            "time_zone",
            "state",
            "segment",
            "segment_version",
            "criteria_hash",
            "brief",
            "playbook",
            "steps",
            "window",
            "daily_cap",
            "start_at",
            "is_stopped_by_company",
            "skips_holidays",
            "keeps_busy",
            "waits_for_model",
            "daily_limit",
            "sources",
            "day",
            "day_counts",
            "next_run_at",
            "audience_frozen_at",
            "audience_counts",
            "stages",
            "numbers",
            "created_at",
        ]
        read_only_fields = fields

    def get_stages(self, campaign: Campaign) -> dict[str, int]:
        return dict(self._standing(campaign).stages)

    def get_numbers(self, campaign: Campaign) -> dict[str, int]:
        return self._standing(campaign).numbers.as_dict()

    @cached_property
    def _counted(self) -> dict[int, selectors.Standing]:
        return dict(self.context.get("standing") or {})

    def _standing(self, campaign: Campaign) -> selectors.Standing:
        if campaign.pk not in self._counted:
            self._counted.update(selectors.standing([campaign]))
        return self._counted[campaign.pk]


class NewStepSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=Step.Action.choices, default=Step.Action.MESSAGE)
    sender = serializers.PrimaryKeyRelatedField(
        queryset=Sender.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        help_text="For all steps except tasks",
    )
    pool = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="A tag: active senders with it take turns"
    )
    pack = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a prompt pack; its current version is used"
    )
    instructions = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="For tasks: what the person should do"
    )
    delay_days = serializers.IntegerField(min_value=0, max_value=365, default=0)
    is_in_thread = serializers.BooleanField(default=True)
    condition = serializers.ChoiceField(choices=Step.Condition.choices, default=Step.Condition.ALWAYS)
    condition_step = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)


class NewCampaignSerializer(serializers.Serializer[Any]):
    """A new campaign. `segment` is taken at its current version, or `criteria` make a segment of the campaign's name."""

    name = serializers.CharField(max_length=200)
    goal = serializers.CharField(required=False, allow_blank=True, default="")
    offer = serializers.CharField(required=False, allow_blank=True, default="")
    booking_url = serializers.URLField(required=False, allow_blank=True, default="")
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all(), required=False)
    criteria = fields.ObjectField(required=False)
    brief = serializers.PrimaryKeyRelatedField(
        queryset=Brief.objects.all(), required=False, allow_null=True, default=None
    )
    playbook = serializers.PrimaryKeyRelatedField(
        queryset=Playbook.objects.in_use(), required=False, allow_null=True, default=None
    )
    steps = NewStepSerializer(many=True)
    window = WindowSerializer(required=False, allow_null=True, default=None)
    daily_cap = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    start_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    offer_translations = serializers.DictField(
        child=serializers.CharField(allow_blank=True), required=False, default=dict, help_text="{en|ru: text}"
    )
    mode = serializers.ChoiceField(choices=Campaign.Mode.choices, default=Campaign.Mode.ONCE)
    time_zone = serializers.CharField(required=False, default="UTC")
    is_stopped_by_company = serializers.BooleanField(default=False)
    skips_holidays = serializers.BooleanField(default=False)
    keeps_busy = serializers.BooleanField(default=False, help_text="Also people who are busy or contacted recently")
    waits_for_model = serializers.BooleanField(default=True, help_text="Wait when no model answers")
    daily_limit = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    sources = serializers.ListField(child=serializers.DictField(), required=False, default=list)


class EditCampaignSerializer(NewCampaignSerializer):
    """Replace the whole plan. While the campaign is running, `applies_to` is required."""

    applies_to = serializers.ChoiceField(choices=["in_flight", "new"], required=False)


class DailyCampaignSerializer(serializers.Serializer[Any]):
    """The little that a daily campaign needs; it is made and started."""

    name = serializers.CharField(max_length=200)
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all(), required=False)
    criteria = fields.ObjectField(required=False)
    sender = serializers.PrimaryKeyRelatedField(queryset=Sender.objects.all())
    pool = serializers.CharField(required=False, allow_blank=True, default="")
    offer = serializers.CharField()
    goal = serializers.CharField(required=False, allow_blank=True, default="")
    booking_url = serializers.URLField(required=False, allow_blank=True, default="")
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all(), allow_null=True, default=None)
    daily_limit = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    time_zone = serializers.CharField(required=False, default="UTC")
    sources = serializers.ListField(child=serializers.DictField(), required=False, default=list)
    keeps_busy = serializers.BooleanField(default=False, help_text="As for a one-off campaign")
    is_approved_by_rule = serializers.BooleanField(default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)


JOB = inline_serializer("StartedJob", {"job": serializers.IntegerField(), "state": serializers.CharField()})
CRAWLS = inline_serializer("StartedCrawls", {"crawls": serializers.ListField(child=serializers.IntegerField())})
AUDIENCE = inline_serializer(
    "Audience",
    {name: serializers.IntegerField() for name in ("matching", "added", "suppressed", "unreachable", "evicted")},
)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _started(job: Job) -> Response:
    return Response({"job": job.pk, "state": job.state}, status=status.HTTP_202_ACCEPTED)


class CampaignViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Campaign]):
    """Campaigns and their lifecycle."""

    serializer_class = CampaignSerializer
    filterset_fields = ["state"]

    def get_queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.select_related("segment_version", "stream", "brief").prefetch_related(
            "steps__pack_version"
        )

    @property
    def required_role(self) -> str:
        return Role.REVIEWER if self.action == "pause" else Role.OPERATOR

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {**self.get_serializer_context(), "standing": selectors.standing(page)}
        return self.get_paginated_response(CampaignSerializer(page, many=True, context=context).data)

    @extend_schema(request=NewCampaignSerializer, responses={201: CampaignSerializer})
    def create(self, request: Request) -> Response:
        """Plan a campaign."""
        data = given(NewCampaignSerializer, request.data)
        steps = [_step_plan(step) for step in data.pop("steps")]
        version = _segment_version(data, request.user)
        plan = CampaignPlan(**data, segment_version=version, steps=steps)
        campaign = create_campaign(plan, created_by=_user(request))
        return Response(CampaignSerializer(campaign).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EditCampaignSerializer, responses=CampaignSerializer)
    def update(self, request: Request, pk: str) -> Response:
        """Change the plan; of a running campaign for leads in flight too, or for new leads only."""
        campaign = self.get_object()
        form = EditCampaignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        steps = [_step_plan(step) for step in data.pop("steps")]
        if data.get("segment") is None and data.get("criteria") is None:
            data.pop("segment", None), data.pop("criteria", None)
            version = campaign.segment_version
        elif data.get("segment") is not None and data["segment"].pk == campaign.segment_version.segment_id:
            data.pop("segment")
            version = campaign.segment_version
        else:
            version = _segment_version(data, request.user)
        applies_to = data.pop("applies_to", "")
        plan = CampaignPlan(**data, segment_version=version, steps=steps)
        edited = edit_campaign(campaign, plan, actor=Actor.of(request.user), applies_to=applies_to)
        return Response(CampaignSerializer(self.get_queryset().get(pk=edited.pk)).data)

    @extend_schema(request=DailyCampaignSerializer, responses={201: CampaignSerializer})
    @action(detail=False, methods=["post"])
    def daily(self, request: Request) -> Response:
        """A daily campaign from a handful of answers, made and started in one call."""
        form = DailyCampaignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        version = _segment_version(data, request.user)
        campaign = create_daily(DailyAnswers(**data, segment_version=version), created_by=_user(request))
        return Response(CampaignSerializer(campaign).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: AUDIENCE, 202: CRAWLS})
    @action(detail=True, methods=["post"])
    def discover(self, request: Request, pk: str) -> Response:
        """Find more leads: crawls the campaign's sources. Without sources the segment is matched again."""
        campaign = self.get_object()
        if campaign.sources or campaign.mode == Campaign.Mode.DAILY:
            jobs = discover(campaign=campaign, actor=Actor.of(request.user), started_by=_user(request))
            return Response({"crawls": [job.pk for job in jobs]}, status=status.HTTP_202_ACCEPTED)
        audience = audience_of.freeze_or_start(
            campaign=campaign, actor=Actor.of(request.user), started_by=_user(request)
        )
        return _started(audience) if isinstance(audience, Job) else Response(vars(audience))

    @extend_schema(request=None, responses={202: JOB})
    @action(detail=True, methods=["post"])
    def qualify(self, request: Request, pk: str) -> Response:
        """Judge who waits for a verdict, as a job."""
        return _started(audience_of.qualify_candidates(campaign=self.get_object(), started_by=_user(request)))

    @extend_schema(request=None, responses={202: JOB})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Start sending."""
        return _started(
            services.start(campaign=self.get_object(), actor=Actor.of(request.user), started_by=_user(request))
        )

    @extend_schema(request=None, responses={202: JOB})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on where a pause stopped."""
        return _started(
            services.resume(campaign=self.get_object(), actor=Actor.of(request.user), started_by=_user(request))
        )

    @extend_schema(request=ReasonSerializer, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Hold all planned messages."""
        return self._moved(services.pause, request)

    @extend_schema(request=ReasonSerializer, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """End the campaign; planned messages are cancelled."""
        return self._moved(services.complete, request)

    @extend_schema(request=ReasonSerializer, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Archive the campaign."""
        return self._moved(services.archive, request)

    def _moved(self, service: Any, request: Request) -> Response:
        form = ReasonSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign = service(
            campaign=self.get_object(), actor=Actor.of(request.user), reason=form.validated_data["reason"]
        )
        return Response(CampaignSerializer(campaign).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("stage", enum=[*CANDIDATE.states]),
            OpenApiParameter("outcome", enum=Outcome.Kind.values),
            OpenApiParameter("search"),
        ],
        responses=CandidateSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def leads(self, request: Request, pk: str) -> Response:
        """The candidates with score, verdict and reasons, newest first."""
        rows = filtered(
            self.get_object(),
            stage=request.query_params.get("stage", ""),
            outcome=request.query_params.get("outcome", ""),
            search=request.query_params.get("search", ""),
        )
        page: Any = self.paginate_queryset(
            rows.select_related("lead__company", "verdict").prefetch_related("outcomes")  # type: ignore[arg-type]
        )
        return self.get_paginated_response(CandidateSerializer(page or [], many=True).data)


def _step_plan(step: dict[str, Any]) -> StepPlan:
    sender: Sender | None = step["sender"]
    if step["action"] == Step.Action.TASK:
        return StepPlan(**{name: value for name, value in step.items() if name not in ("pack", "sender")})
    pack = PackVersion.objects.in_production().filter(name=step["pack"]).first()
    if pack is None:
        raise Invalid("steps", f"There is no prompt pack “{step['pack']}”.")
    named = {name: value for name, value in step.items() if name != "pack"}
    return StepPlan(**named, channel=sender.channel if sender else "", pack_version=pack)


def _segment_version(data: dict[str, Any], user: Any) -> SegmentVersion:
    segment: Segment | None = data.pop("segment", None)
    criteria = data.pop("criteria", None)
    if segment is not None and criteria is not None:
        raise Invalid("criteria", "Provide a segment or criteria, not both.")
    if criteria is not None:
        return save_segment(name=data["name"], criteria=criteria, created_by=user)
    if segment is None or segment.current is None:
        raise Invalid("segment", "Provide a segment with criteria, or criteria.")
    return segment.current
