"""Suppressions and the consent ledger over REST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.consent import ledger, services
from conversations.consent.models import ConsentEntry, Suppression
from conversations.consent.selectors import search
from leads.models import Channel, Lead
from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class SuppressionSerializer(ModelSerializer[Suppression]):
    class Meta:
        model = Suppression
        fields = (
            "id", "lead", "channel", "address", "domain", "reason", "evidence", "actor", "created_at", "lifted_at",
            "lifted_by",
        )  # fmt: skip
        read_only_fields = ("actor", "created_at", "lifted_at", "lifted_by")


class LiftSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()


class SuppressionViewSet(viewsets.ReadOnlyModelViewSet[Suppression]):
    """Who must not be written to. `?q=` finds an address by its hash."""

    queryset = Suppression.objects.all()
    serializer_class = SuppressionSerializer
    required_role = Role.OPERATOR
    filterset_fields = ("reason", "channel", "lead")

    def get_queryset(self) -> Any:
        return (
            search(str(self.request.query_params.get("q", "")))
            if hasattr(self.request, "query_params")
            else self.queryset
        )

    @extend_schema(parameters=[OpenApiParameter("q", str)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def create(self, request: Request) -> Response:
        """Suppress a lead, an address or a domain; what is planned for it is cancelled."""
        body = given(SuppressionSerializer, request.data)
        reason, evidence = (body.pop(name, "") for name in ("reason", "evidence"))
        target = services.Target(**body)
        row = services.suppress(target, reason=reason, evidence=evidence, actor=Actor.of(request.user))
        return Response(SuppressionSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=LiftSerializer, responses=SuppressionSerializer)
    @action(detail=True, methods=["post"])
    def lifting(self, request: Request, pk: str | None = None) -> Response:
        """Allow again, with a reason."""
        body = given(LiftSerializer, request.data)
        row = services.lift(suppression=self.get_object(), actor=Actor.of(request.user), reason=body["reason"])
        return Response(SuppressionSerializer(row).data)


class ConsentSerializer(ModelSerializer[ConsentEntry]):
    lead = serializers.PrimaryKeyRelatedField(queryset=Lead.objects.all())
    channel = serializers.ChoiceField(choices=Channel.choices)

    class Meta:
        model = ConsentEntry
        fields = (
            "id", "lead", "channel", "basis", "source", "evidence", "text_shown", "actor", "created_at", "expires_at",
        )  # fmt: skip
        read_only_fields = ("actor", "created_at")


class ConsentFileSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=20_000_000, help_text=f"CSV with the columns {', '.join(ledger.COLUMNS)}")
    source = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment]


class ConsentFaultSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    text = serializers.CharField()
    reason = serializers.CharField()


class ConsentImportedSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    faults = ConsentFaultSerializer(many=True)


class ConsentViewSet(viewsets.ReadOnlyModelViewSet[ConsentEntry]):
    """The append-only ledger: the basis for contacting a person."""

    queryset = ConsentEntry.objects.all()
    serializer_class = ConsentSerializer
    required_role = Role.OPERATOR
    filterset_fields = ("lead", "channel", "basis")

    def create(self, request: Request) -> Response:
        """Append one line."""
        body = given(ConsentSerializer, request.data)
        row = services.record_consent(actor=Actor.of(request.user), **body)
        return Response(ConsentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ConsentFileSerializer, responses=ConsentImportedSerializer)
    @action(detail=False, methods=["post"], url_path="import")
    def import_lines(self, request: Request) -> Response:
        """Append an entry per row of a CSV text; invalid rows are returned with their reasons."""
        body = given(ConsentFileSerializer, request.data)
        done = ledger.import_consents(text=body["text"], source=body["source"], actor=Actor.of(request.user))
        return Response({"count": done.count, "faults": [asdict(fault) for fault in done.faults[:1_000]]})
