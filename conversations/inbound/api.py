"""What came in, over the API; read-only."""

from __future__ import annotations

from conversations.inbound.models import InboundEvent
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer


class InboundEventSerializer(ModelSerializer[InboundEvent]):
    class Meta:
        model = InboundEvent
        fields = [
            "id", "source", "external_id", "sender", "state", "kind", "message", "attempts", "error",
            "received_at", "handled_at",
        ]  # fmt: skip


class InboundEventViewSet(viewsets.ReadOnlyModelViewSet[InboundEvent]):
    """Everything received from outside and its classification; texts are on the messages."""

    queryset = InboundEvent.objects.defer("body", "fields")
    serializer_class = InboundEventSerializer
    filterset_fields = ["state", "source", "kind", "sender", "message"]
