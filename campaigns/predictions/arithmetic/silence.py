"""Whether somebody who answered before and is silent now will answer again (Kaplan and Meier 1958).

The survival curve S(t) is the share of people still silent t days after we wrote, from all earlier silences, those that
still last included. Who has been silent for t days answers within the horizon H with probability 1 - S(H) / S(t).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HORIZON = 90
"""Days after which nobody is waited for."""


@dataclass(frozen=True)
class Silence:
    """`survival[t]`: the share still silent after t days; `at_risk[t]`: on how many that rests."""

    survival: list[float]
    at_risk: list[int]

    def chance_after(self, days: int) -> float:
        """The probability of an answer within the horizon, after so many days of silence."""
        day = min(max(days, 0), HORIZON)
        return 1 - self.survival[HORIZON] / self.survival[day] if self.survival[day] else 0.0

    def known(self, days: int) -> int:
        """How many earlier silences lasted at least as long."""
        return self.at_risk[min(max(days, 0), HORIZON)]

    def as_json(self) -> dict[str, Any]:
        return {"survival": self.survival, "at_risk": self.at_risk}


def learn(days: Floats, is_answered: NDArray[np.bool_]) -> Silence:
    """The curve from durations in days and whether an answer ended each (False: it still lasts)."""
    whole = np.clip(np.floor(days), 0, HORIZON + 1).astype(int)
    ended = np.bincount(whole[is_answered], minlength=HORIZON + 2)[: HORIZON + 1]
    lasted = np.bincount(whole, minlength=HORIZON + 2)
    at_risk = lasted[::-1].cumsum()[::-1][: HORIZON + 1]
    kept = np.where(at_risk > 0, 1 - ended / np.maximum(at_risk, 1), 1.0)
    survival = np.concatenate([[1.0], np.cumprod(kept)])[: HORIZON + 1]
    return Silence([round(float(s), 6) for s in survival], [int(n) for n in at_risk])
