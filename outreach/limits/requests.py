"""Requests to the API, `api.requests_per_hour` a credential and hour; every answer says what is left (RateLimit headers).

Each API key has its own hour, each user one for all tokens and sessions, strangers one an address.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from outreach.access.attempts import network_address
from outreach.core import clock
from outreach.core.rest.idempotency import credential_of
from outreach.core.rest.quota import Quota
from outreach.limits.models import Allowance

HOUR = timedelta(hours=1)
COUNT = f"""
INSERT INTO {Allowance._meta.db_table} AS a (key, usage, next_at, updated_at)
VALUES (%(key)s, '{{"requests": 1}}', %(end)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
    usage = jsonb_build_object('requests', CASE WHEN a.next_at <= %(now)s THEN 1 ELSE (a.usage->>'requests')::int + 1 END),
    next_at = CASE WHEN a.next_at <= %(now)s THEN %(end)s ELSE a.next_at END,
    updated_at = %(now)s
RETURNING (usage->>'requests')::int, next_at, set_config('synchronous_commit', 'off', true)
"""  # noqa: S608
"""One round trip that doesn't wait for the disk: all requests of a key meet at its row, and losing a count does no harm."""


class HourlyThrottle(BaseThrottle):
    """Counts the request and leaves what is left on it for the headers."""

    quota: Quota

    def allow_request(self, request: Request, view: Any) -> bool:
        limit, now = settings.OUTREACH.api.requests_per_hour, clock.now()
        is_known = request.user is not None and request.user.is_authenticated
        who = credential_of(request) if is_known else f"address:{network_address(request._request)}"
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"key": f"api:{who}", "now": now, "end": now + HOUR})
            count, end, _commit = cursor.fetchone()
        self.quota = Quota(limit, max(0, limit - count), math.ceil((end - now).total_seconds()))
        request.quota = self.quota  # type: ignore[attr-defined]
        return bool(count <= limit)

    def wait(self) -> float:
        return float(self.quota.seconds)
