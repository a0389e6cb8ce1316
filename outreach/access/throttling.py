"""Request limits of the API, from `outreach.toml`."""

from __future__ import annotations

from django.conf import settings
from rest_framework.throttling import UserRateThrottle


class HourlyThrottle(UserRateThrottle):
    """`api.requests_per_hour` requests a user and hour."""

    scope = "user"

    def get_rate(self) -> str:
        return f"{settings.OUTREACH.api.requests_per_hour}/hour"
