"""Who is connected to us on a network, over the API."""

from __future__ import annotations

from conversations.network.models import Relation
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer


class RelationSerializer(ModelSerializer[Relation]):
    """One lead and one sender of ours."""

    class Meta:
        model = Relation
        fields = [
            "id", "lead", "sender", "address", "state", "invitation", "invited_at", "connected_at", "checked_at", "check_count",
            "next_check_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class RelationViewSet(viewsets.ReadOnlyModelViewSet[Relation]):
    """How far each lead and each network sender know each other. The product keeps them: they are read only."""

    queryset = Relation.objects.all()
    serializer_class = RelationSerializer
    filterset_fields = ["lead", "sender", "state"]
