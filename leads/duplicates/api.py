"""Duplicates over the API: the queue, decisions, and merges with their undo."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leads.duplicates import services
from leads.duplicates.models import Duplicate, Kind, Merge
from leads.models import Company, Lead
from outreach.core.errors import Invalid
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class DuplicateSerializer(ModelSerializer[Duplicate]):
    """`low` and `high` are numbers of leads or companies, by `kind`."""

    low = serializers.SerializerMethodField()
    high = serializers.SerializerMethodField()

    class Meta:
        model = Duplicate
        fields = [
            "id",
            "kind",
            "low",
            "high",
            "reason",
            "score",
            "state",
            "decided_by",
            "decided_at",
            "merge",
            "created_at",
        ]
        read_only_fields = fields

    def get_low(self, pair: Duplicate) -> int:
        return pair.low_lead_id or pair.low_company_id or 0

    def get_high(self, pair: Duplicate) -> int:
        return pair.high_lead_id or pair.high_company_id or 0


class KeptSerializer(serializers.Serializer[Any]):
    kept = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Number of the record to keep")


class MergeSerializer(ModelSerializer[Merge]):
    class Meta:
        model = Merge
        fields = ["id", "kind", "kept_id", "lost_id", "actor", "created_at", "undone_at"]
        read_only_fields = fields


class NewMergeSerializer(KeptSerializer):
    kind = serializers.ChoiceField(choices=Kind.choices)
    lost = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class DuplicateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Duplicate]):
    """Probable duplicates."""

    queryset = Duplicate.objects.order_by("pk")
    serializer_class = DuplicateSerializer
    filterset_fields = ["kind", "state", "reason"]

    @extend_schema(request=KeptSerializer, responses=MergeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """Merge the two into the one that stays."""
        serializer = given(KeptSerializer, request.data)
        kept = serializer["kept"]
        merge = services.merge_pair(pair=self.get_object(), kept_id=kept, actor=Actor.of(request.user))
        return Response(MergeSerializer(merge).data)

    @extend_schema(request=None, responses=DuplicateSerializer)
    @action(detail=True, methods=["post"])
    def apart(self, request: Request, pk: str) -> Response:
        """They are two."""
        pair = self.get_object()
        services.keep_apart(pair=pair, actor=Actor.of(request.user))
        return Response(DuplicateSerializer(pair).data)

    @extend_schema(request=None, responses=DuplicateSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Undo the decision, whichever it was."""
        pair = self.get_object()
        services.take_back(pair=pair, actor=Actor.of(request.user))
        pair.refresh_from_db()
        return Response(DuplicateSerializer(pair).data)


class MergeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Merge]):
    """Merged records, whether the queue proposed them or not."""

    queryset = Merge.objects.order_by("pk")
    serializer_class = MergeSerializer
    filterset_fields = ["kind", "kept_id", "lost_id"]

    @extend_schema(request=NewMergeSerializer, responses={201: MergeSerializer})
    def create(self, request: Request) -> Response:
        """Merge any two leads, or any two companies."""
        values = given(NewMergeSerializer, request.data)
        model: Any = Lead if values["kind"] == Kind.LEAD else Company
        rows = model.objects.in_bulk([values["kept"], values["lost"]])
        for name in ("kept", "lost"):
            if values[name] not in rows:
                raise Invalid(name, f"There is no {values['kind']} {values[name]}.", code="not_found")
        work: Any = services.merge_leads if values["kind"] == Kind.LEAD else services.merge_companies
        merge = work(kept=rows[values["kept"]], lost=rows[values["lost"]], actor=Actor.of(request.user))
        return Response(MergeSerializer(merge).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=MergeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Two again."""
        merge = self.get_object()
        services.undo(merge=merge, actor=Actor.of(request.user))
        merge.refresh_from_db()
        return Response(MergeSerializer(merge).data)
