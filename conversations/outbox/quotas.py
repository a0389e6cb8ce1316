"""The places that claimed messages take in the quotas of their sender and stream, and how they are given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from conversations.models import Message
from outreach.limits import services as limits


def sender_key(sender_id: int) -> str:
    """The allowance of a sender; its row is also the lock under which the sender's messages are claimed."""
    return f"sender:{sender_id}"


def stream_key(stream_id: int) -> str:
    return f"stream:{stream_id}"


def give_back(messages: Iterable[Message]) -> None:
    """Return the places that the claims of `messages` (with their streams) took; senders before streams, each in order."""
    places: dict[tuple[int, str, datetime], int] = defaultdict(int)
    for row in messages:
        if row.sender_id is None or row.claimed_at is None:
            continue
        places[(0, sender_key(row.sender_id), row.claimed_at)] += 1
        if row.stream is not None and row.stream.daily_cap is not None:
            places[(1, stream_key(row.stream.pk), row.claimed_at)] += 1
    for (_rank, key, claimed_at), count in sorted(places.items()):
        limits.give_back(key, count, claimed_at)
