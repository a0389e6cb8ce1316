"""Files over REST: upload once, then name them by their content."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.files.models import StoredFile
from conversations.files.services import store_uploads
from outreach.access.pages import viewer
from outreach.access.roles import Role
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class StoredFileSerializer(ModelSerializer[StoredFile]):
    class Meta:
        model = StoredFile
        fields = ("id", "content_hash", "name", "media_type", "size", "created_at")
        read_only_fields = fields


class FileUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=500)


class FileViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[StoredFile]):
    """Files that messages may enclose. The same content is the same file."""

    queryset = StoredFile.objects.defer("content")
    serializer_class = StoredFileSerializer
    required_role = Role.REVIEWER
    parser_classes = (MultiPartParser,)
    filterset_fields = ("content_hash", "media_type")
    lookup_field = "content_hash"
    lookup_value_regex = "[0-9a-f]{64}"

    @extend_schema(request={"multipart/form-data": FileUploadSerializer}, responses={201: StoredFileSerializer})
    def create(self, request: Request) -> Response:
        """Upload one file; refused with a sentence when it is too large or runs something."""
        body = given(FileUploadSerializer, request.data)
        [kept] = store_uploads([body["file"]], uploaded_by=viewer(request))
        row = StoredFile.objects.defer("content").get(content_hash=kept.content_hash)
        return Response(StoredFileSerializer(row).data, status=status.HTTP_201_CREATED)
