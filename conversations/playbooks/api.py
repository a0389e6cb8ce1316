"""Playbooks and their versions over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.playbooks import definition, services
from conversations.playbooks.models import Playbook, PlaybookVersion
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class PlaybookVersionSerializer(ModelSerializer[PlaybookVersion]):
    class Meta:
        model = PlaybookVersion
        fields = ("id", "playbook", "number", "content", "content_hash", "created_by", "created_at")
        read_only_fields = fields


class PlaybookSerializer(ModelSerializer[Playbook]):
    current = serializers.SerializerMethodField()

    class Meta:
        model = Playbook
        fields = ("id", "name", "is_default", "archived_at", "created_by", "created_at", "updated_at", "current")
        read_only_fields = fields

    @extend_schema(responses=PlaybookVersionSerializer)
    def get_current(self, playbook: Playbook) -> dict[str, Any]:
        newest = max(playbook.versions.all(), key=lambda version: version.number)
        return dict(PlaybookVersionSerializer(newest).data)


class PlaybookInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=services.MAX_NAME)
    content = serializers.DictField(help_text="mode, tone, booking_url, reengagement, words by language")
    based_on = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Version that was edited; 409 if there is a newer one"
    )


class ArchiveInput(serializers.Serializer[Any]):
    is_archived = serializers.BooleanField()


class PlaybookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Playbook]):
    """Playbooks; saving one makes its next version."""

    queryset = Playbook.objects.prefetch_related("versions").order_by("-id")
    serializer_class = PlaybookSerializer
    filterset_fields = ("is_default",)
    required_role = Role.OPERATOR

    @extend_schema(request=PlaybookInput, responses={201: PlaybookSerializer})
    def create(self, request: Request) -> Response:
        return Response(self._save(request, None), status=status.HTTP_201_CREATED)

    @extend_schema(request=PlaybookInput, responses=PlaybookSerializer)
    def update(self, request: Request, pk: str) -> Response:
        return Response(self._save(request, self.get_object()))

    def _save(self, request: Request, playbook: Playbook | None) -> Any:
        body = given(PlaybookInput, request.data)
        saved = services.save_playbook(
            name=body["name"],
            definition=definition.parse(body["content"]),
            created_by=viewer(request),
            playbook=playbook,
            based_on=body["based_on"],
        )
        return PlaybookSerializer(saved.playbook).data

    @extend_schema(responses=PlaybookVersionSerializer(many=True))
    @action(detail=True, filterset_fields=(), pagination_class=None)
    def versions(self, request: Request, pk: str) -> Response:
        """All versions, newest first."""
        rows = self.get_object().versions.order_by("-number")[:200]
        return Response(PlaybookVersionSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def default(self, request: Request, pk: str) -> Response:
        """Have it hold where a campaign chose none."""
        row = services.make_default(playbook=self.get_object(), user=viewer(request))
        return Response(PlaybookSerializer(row).data)

    @extend_schema(request=ArchiveInput, responses=PlaybookSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """Archive or restore it."""
        body = given(ArchiveInput, request.data)
        row = services.set_archived(playbook=self.get_object(), user=viewer(request), **body)
        return Response(PlaybookSerializer(row).data)
