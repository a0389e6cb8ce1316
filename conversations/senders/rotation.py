"""Which sender of a pool writes to a lead: in proportion to what each may still send, and always the same one. Pure.

Weighted rendezvous hashing: each (lead, sender) pair draws a fixed number, and the sender with the best draw for its
weight wins. Over many leads the shares follow the weights; a sender that joins or leaves moves only its own share.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping


def draw(lead_id: int, sender_id: int) -> float:
    """A number in (0, 1) that this pair alone decides."""
    digest = hashlib.blake2b(f"{lead_id}:{sender_id}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 1) / (2**64 + 1)


def pick(lead_id: int, weights: Mapping[int, float]) -> int | None:
    """The id of the sender for `lead_id`; None when no sender has a weight above zero."""
    best = max(
        ((-weight / math.log(draw(lead_id, sender)), sender) for sender, weight in weights.items() if weight > 0),
        default=None,
    )
    return best[1] if best else None
