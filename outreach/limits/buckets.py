"""Token buckets: a steady rate with a bounded burst. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Rate:
    """`per_second` tokens flow in, `burst` are kept at most."""

    per_second: float
    burst: float


@dataclass(frozen=True)
class Share:
    """`count` tokens of the bucket of one limited thing."""

    key: str
    count: float
    rate: Rate


@dataclass(frozen=True)
class Bucket:
    """`tokens` at the moment `at`."""

    tokens: float
    at: datetime


def refilled(bucket: Bucket, rate: Rate, now: datetime) -> Bucket:
    """The bucket at `now`. A clock that went backwards adds nothing."""
    seconds = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(rate.burst, bucket.tokens + seconds * rate.per_second), max(now, bucket.at))


def take(bucket: Bucket | None, rate: Rate, count: float, now: datetime) -> tuple[Bucket, timedelta]:
    """The bucket after taking `count`, and how long to wait first: zero when they were there, and then they are taken.

    A `count` above the burst is let through when the bucket is full, and leaves it in debt.
    """
    current = refilled(bucket, rate, now) if bucket else Bucket(rate.burst, now)
    needed = min(count, rate.burst)
    if current.tokens + 1e-9 >= needed:
        return Bucket(current.tokens - count, current.at), timedelta()
    return current, timedelta(seconds=(needed - current.tokens) / rate.per_second)
