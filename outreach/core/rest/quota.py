"""What a throttle leaves on a request, told in the headers of every answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Quota:
    """`remaining` of `limit` requests for `seconds` more; left by a throttle as `request.quota`."""

    limit: int
    remaining: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"hour";q={self.limit};w=3600',
            "RateLimit": f'"hour";r={self.remaining};t={self.seconds}',
        }
