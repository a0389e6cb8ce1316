"""API keys as a way to sign in to the API: `Authorization: Api-Key <key>`."""

from __future__ import annotations

import hashlib

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from outreach.access.models import ApiKey, User
from outreach.core import clock


class ApiKeyAuthentication(BaseAuthentication):
    """Looks up the SHA-256 of the key; revoked keys and inactive users are refused."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).decode(errors="replace").partition(" ")
        if scheme.lower() != "api-key":
            return None
        digest = hashlib.sha256(key.strip().encode()).hexdigest()
        row = ApiKey.objects.select_related("user").filter(digest=digest, revoked_at=None).first()
        if row is None or not row.user.is_active:
            raise AuthenticationFailed("This API key is unknown or revoked.")
        ApiKey.objects.filter(pk=row.pk).update(last_used_at=clock.now())
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"
