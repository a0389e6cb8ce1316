"""Webhooks over REST, for administrators; the kinds of events for everyone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from outreach.access.roles import Role
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.pages import KeysetPagination
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, given
from outreach.events import kinds
from outreach.webhooks import services
from outreach.webhooks.connectors.registry import CONNECTORS
from outreach.webhooks.models import Delivery, Subscription
from outreach.webhooks.services import SubscriptionData


class WebhookIn(serializers.Serializer[Any]):
    connector = serializers.ChoiceField(choices=[(name, name) for name in CONNECTORS], default="webhook")
    url = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=100), help_text="Such as `reply.received`, `lead.*` or `*`"
    )
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    is_local = serializers.BooleanField(
        required=False, default=False, help_text="It may be on this machine or in a private network"
    )
    fields_given = serializers.DictField(
        child=serializers.CharField(allow_blank=True), required=False, default=dict,
        help_text="What the connector needs, such as its token; secret fields left out stay as they are",
    )  # fmt: skip


class WebhookOut(ModelSerializer[Subscription]):
    class Meta:
        model = Subscription
        fields = [
            "id", "connector", "description", "url", "kinds", "settings", "is_local", "is_active", "off_reason",
            "failures", "failing_since", "spared_until", "succeeded_at", "earlier_valid_until", "created_at",
        ]  # fmt: skip


class WebhookCreated(WebhookOut):
    """The only answer that holds the secret."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookOut.Meta):
        fields = [*WebhookOut.Meta.fields, "secret"]


class WebhookDelivery(ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = [
            "id", "event", "kind", "state", "attempts", "next_attempt_at", "answered_at", "duration_ms", "status_code",
            "response", "error", "created_at",
        ]  # fmt: skip


class WebhookTest(serializers.Serializer[Any]):
    kind = serializers.CharField(required=False, allow_blank=True, default="", help_text="Empty: one that it follows")


class WebhookReplay(serializers.Serializer[Any]):
    since = serializers.DateTimeField(help_text="Deliver again what failed for good since then")


class WebhookReplayed(serializers.Serializer[Any]):
    count = serializers.IntegerField()


class WebhookSecret(serializers.Serializer[Any]):
    secret = serializers.CharField()
    earlier_valid_until = serializers.DateTimeField()


class EventKindOut(serializers.Serializer[Any]):
    type = serializers.CharField()
    description = serializers.CharField()
    role = serializers.CharField(help_text="The role that may follow it")
    example = serializers.DictField()


class EventKindsView(APIView):
    """Every kind of event that webhooks and streams tell, with an example."""

    @extend_schema(responses=EventKindOut(many=True), summary="Kinds of events", tags=["events"])
    def get(self, request: Request) -> Response:
        found = [
            {"type": kind.name, "description": str(kind.help), "role": kind.role, "example": kinds.example(kind.name)}
            for kind in kinds.kinds().values()
        ]
        return Response(EventKindOut(found, many=True).data)


class WebhookViewSet(mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet[Subscription]):
    """Subscriptions to events: where they are sent, and what came of it."""

    queryset = Subscription.objects.all()
    serializer_class = WebhookOut
    filterset_fields = ["connector", "is_active"]
    read_role = required_role = Role.ADMINISTRATOR

    @extend_schema(request=WebhookIn, responses={201: WebhookCreated})
    def create(self, request: Request) -> Response:
        """Subscribe. The answer holds the signing secret, which is never shown again."""
        row, secret = services.add(_data(request), actor=Actor.of(request.user))
        return Response({**WebhookOut(row).data, "secret": secret}, status=status.HTTP_201_CREATED)

    @extend_schema(request=WebhookIn, responses=WebhookOut)
    def update(self, request: Request, pk: str) -> Response:
        """Change a subscription."""
        row = services.change(subscription=self.get_object(), data=_data(request), actor=Actor.of(request.user))
        return Response(WebhookOut(row).data)

    def perform_destroy(self, instance: Subscription) -> None:
        services.remove(subscription=instance, actor=Actor.of(self.request.user))

    @extend_schema(request=None, responses=WebhookSecret)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """A new signing secret; for a day requests are signed with both."""
        row = self.get_object()
        secret = services.rotate(subscription=row, actor=Actor.of(request.user))
        return Response({"secret": secret, "earlier_valid_until": row.earlier_valid_until})

    @extend_schema(request=None, responses=WebhookOut)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str) -> Response:
        """Switch it on again."""
        return self._switch(request, is_active=True)

    @extend_schema(request=None, responses=WebhookOut)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str) -> Response:
        """Switch it off."""
        return self._switch(request, is_active=False)

    def _switch(self, request: Request, *, is_active: bool) -> Response:
        row = self.get_object()
        services.switch(subscription=row, is_active=is_active, actor=Actor.of(request.user))
        return Response(WebhookOut(row).data)

    @extend_schema(request=WebhookTest, responses=WebhookDelivery)
    @action(detail=True, methods=["post"], calls_out=True)
    def test(self, request: Request, pk: str) -> Response:
        """Send an example now; the answer says what the receiver said."""
        kind = given(WebhookTest, request.data)["kind"]
        delivery = services.send_test(subscription=self.get_object(), kind=kind, actor=Actor.of(request.user))
        return Response(WebhookDelivery(delivery).data)

    @extend_schema(request=WebhookReplay, responses=WebhookReplayed)
    @action(detail=True, methods=["post"], url_path="replay-failed")
    def replay_failed(self, request: Request, pk: str) -> Response:
        """Deliver everything again that failed for good since a time."""
        since = given(WebhookReplay, request.data)["since"]
        count = services.replay_failed(subscription=self.get_object(), since=since, actor=Actor.of(request.user))
        return Response({"count": count})

    @extend_schema(
        parameters=[OpenApiParameter("state", description="Only those in this state")],
        responses=WebhookDelivery(many=True),
    )
    @action(detail=True, filterset_fields=[])
    def deliveries(self, request: Request, pk: str) -> Response:
        """Its deliveries, newest first; `?state=failed`."""
        rows = self.get_object().deliveries.all()
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        pages = KeysetPagination()
        found: Any = pages.paginate_queryset(rows, request, self)
        return pages.get_paginated_response(WebhookDelivery(found, many=True).data)

    @extend_schema(request=None, responses=WebhookDelivery)
    @action(detail=True, methods=["post"], url_path=r"deliveries/(?P<number>\d{1,18})/replay")
    def replay(self, request: Request, pk: str, number: str) -> Response:
        """Deliver one event again, under the same id."""
        delivery = self.get_object().deliveries.select_related("subscription").filter(pk=number).first()
        if delivery is None:
            return Response(status=status.HTTP_404_NOT_FOUND)
        services.replay(delivery=delivery, actor=Actor.of(request.user))
        delivery.refresh_from_db()
        return Response(WebhookDelivery(delivery).data)


def _data(request: Request) -> SubscriptionData:
    body = dict(given(WebhookIn, request.data))
    fields = body.pop("fields_given")
    return SubscriptionData(**{**body, "kinds": tuple(body["kinds"])}, fields=fields)
