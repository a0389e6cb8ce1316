"""Network accounts and the people met there over the API. Secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from leads.sources.network import services
from leads.sources.network.models import NetworkAccount, NetworkProfile
from outreach.core.models import Actor
from outreach.core.rest import viewsets
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import given


class NetworkAccountSerializer(ModelSerializer[NetworkAccount]):
    class Meta:
        model = NetworkAccount
        fields = [
            "id", "name", "base_url", "username", "own_public_id", "state", "state_reason", "state_code", "views_a_day",
            "searches_a_day", "invitations_a_day", "invitations_a_week", "gap_seconds", "note_limit", "fills_gaps", "time_zone",
            "working_hours", "limited_until", "session_saved_at", "polled_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class NetworkAccountInput(serializers.Serializer[Any]):
    """A login on one network. Changing it keeps secrets that are left out."""

    name = serializers.CharField(max_length=100)
    base_url = serializers.CharField(max_length=200)
    username = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=500, required=False, default="", write_only=True)
    totp_secret = serializers.CharField(max_length=200, required=False, default="", write_only=True)
    own_public_id = serializers.CharField(max_length=300, required=False)
    accepts_terms = serializers.BooleanField(required=False, default=False, help_text="New accounts only")
    views_a_day = serializers.IntegerField(required=False)
    searches_a_day = serializers.IntegerField(required=False)
    invitations_a_day = serializers.IntegerField(required=False)
    invitations_a_week = serializers.IntegerField(required=False)
    gap_seconds = serializers.IntegerField(required=False)
    note_limit = serializers.IntegerField(required=False)
    fills_gaps = serializers.BooleanField(required=False)
    time_zone = serializers.CharField(max_length=60, required=False)
    working_hours = serializers.DictField(required=False)


class CodeInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=12)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class NetworkProfileSerializer(ModelSerializer[NetworkProfile]):
    name = serializers.CharField(source="lead.full_name", read_only=True)

    class Meta:
        model = NetworkProfile
        fields = [
            "id", "lead", "name", "account", "address", "public_id", "state", "state_reason", "degree", "found_on", "facts",
            "enriched_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NetworkAccountViewSet(mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[NetworkAccount]):
    """Accounts on professional networks. Off until one is added, with open eyes."""

    queryset = NetworkAccount.objects.order_by("-id")
    serializer_class = NetworkAccountSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]

    def _shown(self, account: NetworkAccount, code: int = status.HTTP_200_OK) -> Response:
        return Response(NetworkAccountSerializer(account).data, status=code)

    @extend_schema(request=NetworkAccountInput, responses={201: NetworkAccountSerializer})
    def create(self, request: Request) -> Response:
        body = given(NetworkAccountInput, request.data)
        account = services.add_account(actor=Actor.of(request.user), **body)
        return self._shown(account, status.HTTP_201_CREATED)

    @extend_schema(request=NetworkAccountInput(partial=True), responses=NetworkAccountSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        body = given(NetworkAccountInput, request.data, partial=True)
        values = {name: value for name, value in body.items() if name != "accepts_terms"}
        account = services.update_account(account=self.get_object(), actor=Actor.of(request.user), **values)
        return self._shown(account)

    @extend_schema(request=None, responses={202: NetworkAccountSerializer})
    @action(detail=True, methods=["post"], url_path="sign-in")
    def sign_in(self, request: Request, pk: str) -> Response:
        """Have a worker sign in."""
        account = self.get_object()
        services.request_sign_in(account=account, actor=Actor.of(request.user))
        return self._shown(account, status.HTTP_202_ACCEPTED)

    @extend_schema(request=CodeInput, responses={202: NetworkAccountSerializer})
    @action(detail=True, methods=["post"])
    def code(self, request: Request, pk: str) -> Response:
        """Submit the code that the site asked for."""
        body = given(CodeInput, request.data)
        account = self.get_object()
        services.enter_code(account=account, code=body["code"], actor=Actor.of(request.user))
        return self._shown(account, status.HTTP_202_ACCEPTED)

    @extend_schema(request=ReasonInput, responses=NetworkAccountSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Open nothing with this account."""
        account = self.get_object()
        services.pause(account=account, actor=Actor.of(request.user), reason=_reason(request))
        return self._shown(account)

    @extend_schema(request=ReasonInput, responses={202: NetworkAccountSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on, after a person looked."""
        account = self.get_object()
        services.resume(account=account, actor=Actor.of(request.user), reason=_reason(request))
        return self._shown(account, status.HTTP_202_ACCEPTED)


def _reason(request: Request) -> str:
    body = given(ReasonInput, request.data)
    return str(body["reason"])


class NetworkProfileViewSet(viewsets.ReadOnlyModelViewSet[NetworkProfile]):
    """People who were met on networks, and how far we are with each."""

    queryset = NetworkProfile.objects.filter(lead__erased_at=None).select_related("lead")
    serializer_class = NetworkProfileSerializer
    filterset_fields = ["state", "account", "degree"]
