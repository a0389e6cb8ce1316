"""Wilson's score interval for rates from few observations. Pure.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209–212.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""The 97.5% quantile of the normal law: 95% two-sided."""


@dataclass(frozen=True)
class Rate:
    """`count` out of `base`, with the 95% interval from `low` to `high`; None where nothing was observed."""

    count: int
    base: int
    value: float | None
    low: float | None
    high: float | None


def wilson(count: int, base: int, *, z: float = Z95) -> Rate:
    """The rate `count / base` and its interval. A base of zero has no rate. `count` may not exceed `base`."""
    if base <= 0:
        return Rate(count, 0, None, None, None)
    if not 0 <= count <= base:
        raise ValueError(f"{count} of {base}")
    share = count / base
    centre = share + z * z / (2 * base)
    spread = z * sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    scale = 1 + z * z / base
    return Rate(count, base, share, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))
