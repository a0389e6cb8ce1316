"""What was known of a person before the first message, as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

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


_features = itemgetter(*FEATURES)
_factors = itemgetter(*NAMES)
_NO_FEATURES: Mapping[str, float] = dict.fromkeys(FEATURES, 0.0)
_NO_FACTORS: Mapping[str, float | None] = dict.fromkeys(NAMES)
_CHANNELS = {name: tuple(float(name == one) for one in CHANNELS) for name in Channel.values}
_BARE = (0.0,) * len(CHANNELS)
_CENTRED = slice(len(FEATURES) + 1, len(FEATURES) + 1 + len(NAMES) + 1)
"""Factors and score: around their middle, 0 where they are unknown."""


def encode(people: Sequence[Known]) -> NDArray[np.float64]:
    """Cells (people, columns). What is unknown is the middle of its range and says so in a column of its own."""
    return centred(np.array([_row(known) for known in people], dtype=float).reshape(len(people), len(COLUMNS)))


def centred(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """With factors and score (NaN where unknown) around their middle; changes `cells`."""
    cells[:, _CENTRED] = np.nan_to_num(cells[:, _CENTRED] - 0.5)
    return cells


def _row(known: Known) -> tuple[float | None, ...]:
    return (
        *_features({**_NO_FEATURES, **(known.features or {})}),
        float(known.features is not None),
        *_factors({**_NO_FACTORS, **known.factors}),
        known.score,
        float(known.score is not None),
        *_CHANNELS.get(known.channel, _BARE),
    )
