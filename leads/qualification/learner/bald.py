"""Which label would tell most: Bayesian active learning by disagreement.

Source: Houlsby, Huszár, Ghahramani and Lengyel 2011, "Bayesian Active Learning for Classification and Preference
Learning", equation 9: the mutual information between a label and the latent function under a probit link.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from outreach.core.late import late

special = late("scipy.special")

Floats = NDArray[np.float64]
_C = np.sqrt(np.pi * np.log(2) / 2)


def bald(mean: Floats, variance: Floats) -> Floats:
    """Bits that a label at each candidate would tell; `mean` and `variance` are of the latent function."""
    sure = _entropy(special.ndtr(mean / np.sqrt(variance + 1)))
    spread = variance + _C**2
    return np.asarray(sure - _C / np.sqrt(spread) * np.exp(-(mean**2) / (2 * spread)), dtype=float)


def _entropy(probability: Floats) -> Floats:
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)), dtype=float)
