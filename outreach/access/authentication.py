"""Ways to sign in to the API: `Authorization: Api-Key <key>` and `Authorization: Bearer <JWT>`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from outreach.access.models import ApiKey, User
from outreach.access.services import digest
from outreach.core import clock
from outreach.core.words import gettext as _

LAST_USE_PRECISION = timedelta(minutes=1)
"""A key's last use is written at most this often: one UPDATE a request would make the row a hot spot."""


def user_of_key(key: str) -> tuple[User, ApiKey] | None:
    """Whose key this is, acting within its scope; None for one that is unknown, revoked, expired, or of somebody who
    may not sign in."""
    row = ApiKey.objects.select_related("user").filter(digest=digest(key.strip()), revoked_at=None).first()
    now = clock.now()
    if row is None or not row.user.may_sign_in or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at > LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)
    row.user.acts_as = row.scope
    return row.user, row


class ApiKeyAuthentication(BaseAuthentication):
    """Looks up the SHA-256 of the key; revoked keys and users who may not sign in are refused."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _space, key = get_authorization_header(request).decode(errors="replace").partition(" ")
        if scheme.lower() != "api-key":
            return None
        found = user_of_key(key)
        if found is None:
            raise AuthenticationFailed(_("This API key is unknown, revoked or expired."))
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key <key>`; keys are made on the profile page.",
        }


class TokenAuthentication(JWTAuthentication):
    """JWT of a user who may sign in; a changed password ends all tokens."""

    def get_user(self, validated_token: Any) -> User:  # type: ignore[override]
        user = super().get_user(validated_token)
        if not isinstance(user, User) or not user.may_sign_in:
            raise AuthenticationFailed(_("This user may not sign in."))
        return user


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "jwt"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
