"""Tokens (name and password for a short access token and a day's refresh token) and the current user."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenRefreshView

from outreach.access import second_factor
from outreach.access.attempts import network_address
from outreach.access.models import User
from outreach.access.sign_in import sign_in
from outreach.core.errors import Invalid
from outreach.core.rest.problems import problem_of
from outreach.core.rest.serializers import ModelSerializer
from outreach.core.rest.views import APIView, Common, given


class CredentialsSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)
    code = serializers.CharField(required=False, default="", help_text="For a user with a second factor.")


class TokensSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class ViewerSerializer(ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "username", "first_name", "last_name", "role", "language", "time_zone"]


class TokenView(APIView):
    """POST name and password; slows down after failures, as the login page does."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=CredentialsSerializer, responses=TokensSerializer, summary="Sign in to get a token", tags=["access"]
    )
    def post(self, request: Request) -> Response:
        values = given(CredentialsSerializer, request.data)
        code = values.pop("code")
        try:
            user = sign_in(request=request._request, **values)
            if second_factor.is_on(user):
                second_factor.check(user=user, code=code, network_address=network_address(request._request))
        except Invalid as error:
            return Response(problem_of(401, error.code, error.reason, request.path), status=401)
        refresh = RefreshToken.for_user(user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


@extend_schema(summary="Refresh an access token", tags=["access"])
class RefreshView(Common, TokenRefreshView):
    """POST a refresh token."""


class ViewerView(APIView):
    @extend_schema(responses=ViewerSerializer, summary="Who am I", tags=["access"])
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        return Response(ViewerSerializer(request.user).data)
