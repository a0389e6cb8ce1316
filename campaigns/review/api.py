"""Drafts over the API. Every change names the `version` that the caller saw."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.drafts import services as drafts
from campaigns.drafts.models import DRAFT, Draft
from campaigns.models import Campaign
from campaigns.review import groups, many, rewording, services, stacking, undoing
from campaigns.review.wording import flag_sentence
from outreach.access.models import User
from outreach.core.errors import Invalid, Refused
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.problems import as_problem
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView
from outreach.jobs.api import JobSerializer
from outreach.jobs.models import Job


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class DraftSerializer(ModelSerializer[Draft]):
    campaign = serializers.IntegerField(source="candidate.campaign_id", read_only=True)
    lead = serializers.IntegerField(source="candidate.lead_id", read_only=True)
    step = serializers.IntegerField(source="step.number", read_only=True)
    channel = serializers.CharField(source="step.channel", read_only=True)
    trace = serializers.UUIDField(source="interaction.trace_id", read_only=True)
    provider = serializers.CharField(source="interaction.provider", read_only=True)
    flags_in_words = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields = [
            "id", "campaign", "candidate", "lead", "step", "channel", "variant", "language", "state", "version",
            "subject", "body", "risk", "quality", "flags", "flags_in_words", "facts", "content_hash", "approved_hash",
            "approved_at", "approved_by", "approval_rule", "edited_by", "reviewer", "stands_alone", "message", "trace",
            "provider", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_flags_in_words(self, draft: Draft) -> list[str]:
        return [flag_sentence(flag) for flag in draft.flags]


class DraftFilter(filters.FilterSet):
    campaign = filters.NumberFilter(field_name="candidate__campaign")
    lead = filters.NumberFilter(field_name="candidate__lead")
    step = filters.NumberFilter(field_name="step__number")
    min_risk = filters.NumberFilter(field_name="risk", lookup_expr="gte")
    state = filters.ChoiceFilter(choices=DRAFT.choices)

    class Meta:
        model = Draft
        fields = ["campaign", "candidate", "lead", "step", "state", "variant", "language", "min_risk", "reviewer"]


class VersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=1)


class EditSerializer(VersionSerializer):
    subject = serializers.CharField(required=False, allow_blank=True, max_length=drafts.MAX_SUBJECT)
    body = serializers.CharField(required=False, max_length=drafts.MAX_BODY)


class RejectSerializer(VersionSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")


class RewriteSerializer(VersionSerializer):
    wish = serializers.ChoiceField(choices=sorted(drafts.WISHES))
    note = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=drafts.MAX_NOTE,
        help_text="What should be different, for the wish “note”",
    )


class SeenSerializer(VersionSerializer):
    id = serializers.IntegerField(min_value=1)


class BulkSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=["approve", "reject", "exclude", "formal", "casual", "shorter"])
    drafts = SeenSerializer(many=True)
    variant = serializers.CharField(
        required=False, allow_blank=True, max_length=40, default="", help_text="Which variant to approve"
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")

    def validate_drafts(self, value: list[dict[str, int]]) -> list[dict[str, int]]:
        if not 1 <= len(value) <= 500:
            raise Invalid("drafts", _("Choose between 1 and 500 drafts."))
        return value


class RewordSerializer(VersionSerializer):
    subject = serializers.CharField(required=False, allow_blank=True, max_length=drafts.MAX_SUBJECT, default="")
    body = serializers.CharField(max_length=drafts.MAX_BODY)


class AssignSerializer(serializers.Serializer[Any]):
    drafts = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=500)
    reviewer = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), allow_null=True)


class UndoSerializer(serializers.Serializer[Any]):
    campaign = serializers.PrimaryKeyRelatedField(
        queryset=Campaign.objects.all(), required=False, allow_null=True, default=None, help_text="Only in this one"
    )


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class SkippedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    reason = serializers.CharField()


class BulkResultSerializer(serializers.Serializer[Any]):
    done = serializers.ListField(child=serializers.IntegerField())
    skipped = SkippedSerializer(many=True)


class DraftViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Draft]):
    """Drafts: read, edit, approve, reject, rewrite."""

    queryset = Draft.objects.select_related("candidate", "step", "interaction")
    serializer_class = DraftSerializer
    filterset_class = DraftFilter
    required_role = "reviewer"

    def _input(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        serializer = kind(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _answer(self, draft: Draft) -> Response:
        return Response(DraftSerializer(self.get_queryset().get(pk=draft.pk)).data)

    def handle_exception(self, exc: Exception) -> Response:
        """A lost race answers 409 with the draft as it is now, so that the caller can show both texts."""
        if isinstance(exc, drafts.ChangedMeanwhile):
            current = DraftSerializer(self.get_queryset().get(pk=exc.current.pk)).data
            return Response({**as_problem(exc), "current": current}, status=status.HTTP_409_CONFLICT)
        return super().handle_exception(exc)

    @extend_schema(request=EditSerializer, responses=DraftSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save a text over the version that was seen."""
        draft, data = self.get_object(), self._input(EditSerializer)
        return self._answer(
            drafts.edit(
                draft=draft,
                version=data["version"],
                subject=data.get("subject", draft.subject),
                body=data.get("body", draft.body),
                user=_user(request),
            )
        )

    @extend_schema(request=VersionSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve the version that was seen."""
        data = self._input(VersionSerializer)
        return self._answer(services.approve(draft=self.get_object(), version=data["version"], user=_user(request)))

    @extend_schema(request=RejectSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Reject the version that was seen."""
        data = self._input(RejectSerializer)
        return self._answer(services.reject(draft=self.get_object(), user=_user(request), **data))

    @extend_schema(request=VersionSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"], url_path="return-to-review")
    def return_to_review(self, request: Request, pk: str) -> Response:
        """Undo an approval or rejection."""
        data = self._input(VersionSerializer)
        draft = services.return_to_review(draft=self.get_object(), version=data["version"], user=_user(request))
        return self._answer(draft)

    @extend_schema(request=RewriteSerializer, responses=DraftSerializer)
    @action(detail=True, methods=["post"], calls_out=True)
    def rewrite(self, request: Request, pk: str) -> Response:
        """The same message in another manner; a text that a person edited gets a proposal instead."""
        data = self._input(RewriteSerializer)
        return self._answer(drafts.rewrite(draft=self.get_object(), user=_user(request), **data))

    @extend_schema(request=BulkSerializer, responses=BulkResultSerializer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """One action on many drafts, each in the version that was seen."""
        data = self._input(BulkSerializer)
        pairs = [(item["id"], item["version"]) for item in data["drafts"]]
        user = _user(request)
        match data["action"]:
            case "approve":
                result = many.bulk_approve(pairs=pairs, user=user, variant=data["variant"])
            case "reject":
                result = many.bulk_reject(pairs=pairs, user=user, reason=data["reason"])
            case "exclude":
                result = many.bulk_exclude(pairs=pairs, user=user, reason=data["reason"])
            case wish:
                result = many.bulk_rewrite(pairs=pairs, wish=wish, user=user)
        return _result(result)

    @extend_schema(request=VersionSerializer, responses={200: BulkResultSerializer, 202: JobSerializer})
    @action(detail=True, methods=["post"], url_path="approve-group")
    def approve_group(self, request: Request, pk: str) -> Response:
        """Approve this draft's variant in every waiting message that differs from its own in filled-in values only.

        A large group answers 202 with the job that approves it.
        """
        draft, data = self.get_object(), self._input(VersionSerializer)
        drafts.check_seen(draft, data["version"], DRAFT.undecided)
        group = stacking.alike(draft)
        if group is None:
            raise Refused(_("This draft is like no other. Approve it by itself."), code="no_group")
        return _result(groups.approve(group=group, variant=draft.variant, user=_user(request)))

    @extend_schema(request=RewordSerializer, responses={200: BulkResultSerializer, 202: JobSerializer})
    @action(detail=True, methods=["post"])
    def reword(self, request: Request, pk: str) -> Response:
        """Change the wording of this draft and of all unsent ones like it; values stay, hand-edited texts too.

        The text has `{{ name }}` in the place of each value.
        """
        data = self._input(RewordSerializer)
        wanted = rewording.Rewording(draft_id=self.get_object().pk, **data)
        return _result(rewording.apply(wanted, user=_user(request)))

    @extend_schema(request=AssignSerializer, responses=CountSerializer)
    @action(detail=False, methods=["post"])
    def assign(self, request: Request) -> Response:
        """Give waiting drafts, with the other variants of their messages, to a reviewer, or to nobody."""
        data = self._input(AssignSerializer)
        user = _user(request)
        count = many.assign(drafts=data["drafts"], reviewer=data["reviewer"], actor=Actor.of(user))
        return Response({"count": count})

    @extend_schema(request=UndoSerializer, responses=BulkResultSerializer)
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        """Take back your last decision, on one draft or on many, as long as nothing has left."""
        data = self._input(UndoSerializer)
        undone = undoing.undo(user=_user(request), campaign=data["campaign"])
        return _result(many.BulkResult(done=undone.done, skipped=undone.kept))


def _result(result: many.BulkResult | Job) -> Response:
    """What was done and left alone; a job that does it answers 202."""
    if isinstance(result, Job):
        return Response(JobSerializer(result).data, status=status.HTTP_202_ACCEPTED)
    skipped = [{"id": draft_id, "reason": reason} for draft_id, reason in result.skipped]
    skipped += [{"id": draft_id, "reason": _("Another variant was approved.")} for draft_id in result.others]
    return Response({"done": result.done, "skipped": skipped})


class CampaignDraftsView(APIView):
    """POST writes the drafts that a campaign lacks."""

    required_role = "operator"

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, campaign_id: str) -> Response:
        """Start (or find running) the job that writes missing drafts."""
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        job = drafts.generate(campaign=campaign, started_by=_user(request))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
