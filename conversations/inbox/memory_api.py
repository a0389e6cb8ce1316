"""What is remembered about the person of a conversation, over REST."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.memory import services as memory
from conversations.memory.models import Memory, Topic
from conversations.models import Conversation
from outreach.core import clock
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer


class MemorySerializer(ModelSerializer[Memory]):
    strength = serializers.SerializerMethodField(help_text="How present it is now, 0 to 1")

    class Meta:
        model = Memory
        fields = (
            "id", "topic", "text", "quote", "message", "origin", "author", "importance", "strength", "mentions", "term",
            "is_pinned", "is_open", "mentioned_at", "fades_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_strength(self, row: Memory) -> float:
        return round(row.strength_at(clock.now()), 3)


class MemoryInput(serializers.Serializer[Any]):
    topic = serializers.ChoiceField(choices=Topic.choices)
    text = serializers.CharField(max_length=memory.MAX_TEXT)


class MemoryChange(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=memory.MAX_TEXT, required=False)
    was = serializers.CharField(required=False, help_text="The text you saw; 409 if it has changed since")
    is_pinned = serializers.BooleanField(required=False)
    is_settled = serializers.BooleanField(required=False, help_text="true: a question is answered, a promise kept")


class MemoryActions(viewsets.GenericViewSet[Conversation]):
    """The part of the conversations' API that is about memory."""

    @extend_schema(methods=["get"], responses=MemorySerializer(many=True))
    @extend_schema(methods=["post"], request=MemoryInput, responses={201: MemorySerializer})
    @action(detail=True, methods=["get", "post"])
    def memories(self, request: Request, pk: str) -> Response:
        """What is remembered here, the newest first; or add what you know."""
        row = self.get_object()
        if request.method == "POST":
            given = MemoryInput(data=request.data)
            given.is_valid(raise_exception=True)
            made = memory.add(conversation=row, user=request.user, **given.validated_data)  # type: ignore[arg-type]
            return Response(MemorySerializer(made).data, status=status.HTTP_201_CREATED)
        assert self.paginator is not None
        rows = Memory.objects.live().filter(conversation=row).order_by("-mentioned_at", "-id")
        page = self.paginator.paginate_queryset(rows, request, view=self) or []
        return self.get_paginated_response(MemorySerializer(page, many=True).data)

    @extend_schema(methods=["patch"], request=MemoryChange, responses=MemorySerializer)
    @extend_schema(methods=["delete"], request=None, responses={204: None})
    @action(detail=True, methods=["patch", "delete"], url_path=r"memories/(?P<memory_id>\d+)", url_name="memory")
    def memory(self, request: Request, pk: str, memory_id: str) -> Response:
        """Correct, pin or settle one fact; DELETE forgets it, and it isn't learned again."""
        found = get_object_or_404(Memory.objects.live(), pk=memory_id, conversation=self.get_object())
        user: Any = request.user
        if request.method == "DELETE":
            memory.forget(memory=found, user=user)
            return Response(status=status.HTTP_204_NO_CONTENT)
        given = MemoryChange(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if "text" in values:
            memory.edit(memory=found, text=values["text"], user=user, was=values.get("was"))
        if "is_pinned" in values:
            memory.pin(memory=found, user=user, is_pinned=values["is_pinned"])
        if values.get("is_settled"):
            memory.settle(memory=found, user=user)
        found.refresh_from_db()
        return Response(MemorySerializer(found).data)
