"""What was known of a person before the first message, as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from campaigns.scoring.features import FEATURES
from leads.models import Channel
from leads.qualification.factors import NAMES
from outreach.core.states import Text

CHANNELS = [channel for channel in Channel.values if channel != Channel.EMAIL]
LABELS: dict[str, Text] = {
    **{f"feature_{name}": feature.label for name, feature in FEATURES.items()},
    "features_known": _("Facts kept at the time"),
    **{f"factor_{name}": _(label) for name, label in NAMES.items()},
    "score": _("Score of the brief"),
    "judged": _("Judged by a brief"),
    **{f"channel_{name}": Channel(name).label for name in CHANNELS},
}
"""Column → what it is called."""
COLUMNS = list(LABELS)


@dataclass(frozen=True)
class Known:
    """Features of the lead, the verdict's factors and score, and the channel of the first message."""

    features: Mapping[str, float] | None = None
    factors: Mapping[str, float | None] = field(default_factory=dict)
    score: float | None = None
    channel: str = Channel.EMAIL


def encode(people: Sequence[Known]) -> NDArray[np.float64]:
    """Cells (people, columns). What is unknown is the middle of its range and says so in a column of its own."""
    return np.array([_row(known) for known in people], dtype=float).reshape(len(people), len(COLUMNS))


def _row(known: Known) -> list[float]:
    features = known.features or {}
    factors = [known.factors.get(name) for name in NAMES]
    return [
        *(features.get(name, 0.0) for name in FEATURES),
        float(known.features is not None),
        *(0.0 if value is None else value - 0.5 for value in factors),
        0.0 if known.score is None else known.score - 0.5,
        float(known.score is not None),
        *(float(known.channel == name) for name in CHANNELS),
    ]
