"""One night's step of a campaign's weights, in days of recency. Pure.

A weight of `days_per_logit` days multiplies the odds of success by e. The step is the one that `learn simulate` measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from campaigns.learning.outcomes import Contact
from leads.learning.policies.base import HORIZON, Known, Leads, evidence
from leads.learning.policies.bayes import with_constant
from leads.learning.policies.linear import Nightly, tonight
from outreach.learned import Learning


@dataclass(frozen=True)
class Step:
    """The weights after the night, and what they were learned from. `days` None: too few outcomes."""

    days: dict[str, float] | None
    contacted: int
    successes: int
    evidence: dict[str, tuple[int, int]]
    """Feature → people with it, successes among them."""


def step(
    *, days: Mapping[str, float], names: Sequence[str], contacts: Sequence[Contact], now: datetime, rules: Learning
) -> Step:
    """A capped step of `days` towards what the contacts say; equal contacts give an equal step."""
    cells = np.array([[contact.features.get(name, 0.0) for name in names] for contact in contacts]).reshape(
        -1, len(names)
    )
    is_success = np.array([contact.succeeded_at is not None for contact in contacts], dtype=bool)
    successes = int(is_success.sum())
    seen = {
        name: (int((cells[:, i] > 0).sum()), int((is_success & (cells[:, i] > 0)).sum()))
        for i, name in enumerate(names)
    }
    if len(contacts) < rules.fewest_contacted or successes < rules.fewest_successes:
        return Step(None, len(contacts), successes, seen)
    start = [rate_logit(successes, len(contacts)), *(days.get(name, 0.0) / rules.days_per_logit for name in names)]
    numbers = Nightly(
        window_days=rules.window_days,
        learning_rate=rules.learning_rate,
        most_step=rules.most_step_days / rules.days_per_logit,
    )
    after = tonight(np.array(start), evidence(_known(contacts, cells, is_success, now)), numbers)
    return Step(
        _bounded(days, dict(zip(names, after[1:] * rules.days_per_logit, strict=True)), rules),
        len(contacts),
        successes,
        seen,
    )


def rate_logit(successes: int, count: int) -> float:
    """The logit of a rate, with half a person on either side."""
    return float(np.log((successes + 0.5) / (count - successes + 0.5)))


def _known(contacts: Sequence[Contact], cells: np.ndarray, is_success: np.ndarray, now: datetime) -> Known:
    """A no is settled at once; silence only after the horizon."""
    age = [HORIZON if contact.has_failed else max(1, (now - contact.sent_at).days) for contact in contacts]
    waited = [-1 if c.succeeded_at is None else max(0, (c.succeeded_at - c.sent_at).days) for c in contacts]
    leads = Leads(with_constant(cells), np.zeros((len(contacts), 0), dtype=np.int64))
    return Known(leads, is_success, np.array(age), np.array(waited))


def _bounded(before: Mapping[str, float], after: Mapping[str, float], rules: Learning) -> dict[str, float]:
    """Within least and most; a change that is too small to matter isn't made, so that weights don't tremble."""
    found = {}
    for name, value in after.items():
        old = before.get(name, 0.0)
        wanted = min(rules.most_days, max(rules.least_days, float(value)))
        found[name] = round(wanted if abs(wanted - old) >= rules.smallest_step_days else old, 4)
    return {name: value for name, value in found.items() if value}
