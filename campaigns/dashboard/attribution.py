"""Which campaigns revenue is owed to: all of it to the first touch, to the last, or to each in equal parts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass
class Credit:
    """What one campaign is credited with by each model."""

    first: float = 0.0
    last: float = 0.0
    linear: float = 0.0


def attribute(wins: Iterable[tuple[float, Sequence[int]]]) -> dict[int, Credit]:
    """Of wins with their values and the campaigns of the messages before them, in the order of time.

    Each message counts once in the linear model, so that a campaign that wrote thrice of four times gets three
    quarters. The sums of all three models are the sum of the values; a win without a message is credited to nobody.
    """
    found: dict[int, Credit] = defaultdict(Credit)
    for value, touches in wins:
        if not touches:
            continue
        found[touches[0]].first += value
        found[touches[-1]].last += value
        for campaign in touches:
            found[campaign].linear += value / len(touches)
    return dict(found)
