"""Briefs, verdicts and qualification over the API."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from leads.models import Lead
from leads.qualification import expectations, services
from leads.qualification.factors import Assessment
from leads.qualification.models import Brief, Label, Verdict
from outreach.access.pages import viewer
from outreach.core.errors import Invalid
from outreach.core.rest import viewsets
from outreach.core.rest.fields import ObjectField
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given


class BriefSerializer(ModelSerializer[Brief]):
    class Meta:
        model = Brief
        fields = ["id", "name", "description", "factors", "use_model", "decides_alone", "promised_error", "checked_share",
                  "content_hash", "created_by", "created_at", "updated_at"]  # fmt: skip
        read_only_fields = ["content_hash", "created_by"]


class BriefInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, required=False, default="")
    factors = ObjectField(required=False, default=dict)
    use_model = serializers.BooleanField(required=False, default=False)
    decides_alone = serializers.BooleanField(
        required=False, default=True, help_text="The learner decides alone where it is sure"
    )
    promised_error = serializers.FloatField(
        required=False, default=0.05, help_text="Share of the learner's decisions that may be wrong, 0.005 to 0.3"
    )
    checked_share = serializers.FloatField(
        required=False, default=0.1, help_text="Share of them that others decide all the same, 0.02 to 1"
    )


class VerdictSerializer(ModelSerializer[Verdict]):
    class Meta:
        model = Verdict
        fields = [
            "id", "lead", "brief", "source", "is_qualified", "score", "coverage", "confidence", "grade", "reasons", "flags",
            "factors", "lead_hash", "brief_hash", "version", "interaction", "decided_by", "created_at",
        ]  # fmt: skip


class QualifyInput(serializers.Serializer[Any]):
    """Either the number of a `brief` (the verdict is stored) or `criteria` of the moment (nothing is stored)."""

    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all(), required=False, allow_null=True)
    criteria = serializers.DictField(required=False, allow_null=True)


class QualifyOutput(serializers.Serializer[Any]):
    lead = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    grade = serializers.CharField(allow_blank=True)
    is_qualified = serializers.BooleanField(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    flags = serializers.ListField(child=serializers.CharField())
    verdict = serializers.IntegerField(allow_null=True)


class DecisionInput(serializers.Serializer[Any]):
    lead = serializers.PrimaryKeyRelatedField(queryset=Lead.objects.alive())
    brief = serializers.PrimaryKeyRelatedField(queryset=Brief.objects.all())
    is_qualified = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, required=False, default="", max_length=1000)


class TryInput(serializers.Serializer[Any]):
    leads = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**62), max_length=50)


class BriefViewSet(viewsets.ModelViewSet[Brief]):
    """What campaigns look for: five weighted factors, and words for the language model."""

    queryset = Brief.objects.order_by("-id")
    serializer_class = BriefSerializer
    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    required_role = "operator"

    @extend_schema(request=BriefInput, responses={201: BriefSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._save(request, None), status=status.HTTP_201_CREATED)

    @extend_schema(request=BriefInput, responses=BriefSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._save(request, self.get_object()))

    def _save(self, request: Request, brief: Brief | None) -> Any:
        values = given(BriefInput, request.data)
        learner = services.LearnerTerms(
            *(values.pop(name) for name in ("decides_alone", "promised_error", "checked_share"))
        )
        saved = services.save_brief(created_by=viewer(request), brief=brief, learner=learner, **values)
        return BriefSerializer(saved).data

    def perform_destroy(self, instance: Brief) -> None:
        services.delete_brief(brief=instance, user=self.request.user)  # type: ignore[arg-type]

    @extend_schema(request=TryInput, responses=QualifyOutput(many=True))
    @action(
        detail=True, methods=["post"], url_path="try", required_role="viewer", calls_out=True, pagination_class=None
    )
    def try_out(self, request: Request, pk: str) -> Response:
        """The rules' results for some leads; nothing is stored."""
        body = given(TryInput, request.data)
        wanted = expectations.parse(self.get_object().factors)
        leads = Lead.objects.alive().filter(pk__in=body["leads"]).select_related("company")
        return Response([_assessed(lead, services.assess(lead=lead, wanted=wanted)) for lead in leads])


class VerdictFilter(filters.FilterSet):
    min_score = filters.NumberFilter(field_name="score", lookup_expr="gte")

    class Meta:
        model = Verdict
        fields = ["lead", "brief", "source", "is_qualified", "grade"]


class VerdictViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Verdict]):
    """All verdicts, newest first; append-only. Posting one is a person's decision."""

    queryset = Verdict.objects.all()
    serializer_class = VerdictSerializer
    filterset_class = VerdictFilter
    required_role = "reviewer"

    @extend_schema(request=DecisionInput, responses={201: VerdictSerializer})
    def create(self, request: Request) -> Response:
        body = given(DecisionInput, request.data)
        verdict = services.decide(user=viewer(request), source=Label.Source.API, **body)
        return Response(VerdictSerializer(verdict).data, status=status.HTTP_201_CREATED)


class QualifyView(APIView):
    """Qualify one lead, by a stored brief or by criteria of the moment."""

    calls_out = True
    required_role = "operator"

    @extend_schema(request=QualifyInput, responses=QualifyOutput)
    def post(self, request: Request, lead_id: int) -> Response:
        body = given(QualifyInput, request.data)
        brief, criteria = body.get("brief"), body.get("criteria")
        if (brief is None) == (criteria is None):
            raise Invalid("criteria", "Provide either a brief or criteria.")
        lead = get_object_or_404(Lead.objects.alive().select_related("company"), pk=lead_id)
        if brief is None:
            assessment = services.assess(lead=lead, wanted=expectations.from_criteria(criteria))
            return Response(_assessed(lead, assessment))
        verdict = services.qualify(leads=[lead], brief=brief)[0]
        return Response(
            {
                "lead": lead.pk,
                "score": verdict.score,
                "grade": verdict.grade,
                "is_qualified": verdict.is_qualified,
                "coverage": verdict.coverage,
                "reasons": verdict.reasons,
                "flags": verdict.flags,
                "verdict": verdict.pk,
            }
        )


def _assessed(lead: Lead, assessment: Assessment) -> dict[str, Any]:
    return {
        "lead": lead.pk,
        "score": assessment.score,
        "grade": assessment.grade,
        "is_qualified": assessment.is_qualified,
        "coverage": assessment.coverage,
        "reasons": assessment.reasons(),
        "flags": list(assessment.flags),
        "verdict": None,
    }
