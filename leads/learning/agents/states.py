"""A lead as the agent sees it: five features in a few steps each, and what was done with it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leads.qualification.factors import Assessment
from leads.qualification.profile import Profile

STEPS: dict[str, tuple[str, ...]] = {
    "salary_range": ("unknown", "below", "partly", "within"),
    "keyword_match_ratio": ("unknown", "low", "medium", "high"),
    "location_type": ("unknown", "remote", "preferred", "elsewhere"),
    "company_size": ("unknown", "small", "medium", "large"),
    "posting_age": ("unknown", "week", "month", "older"),
}
"""Feature → its steps; a step's place is its number in the agent's state."""
GRADES = {"A": "qualify_high", "B": "qualify_medium", "C": "qualify_medium"}


def state_of(*, profile: Profile, assessment: Assessment, posted_at: datetime | None, now: datetime) -> dict[str, str]:
    """The five features of a lead, each as one of its `STEPS`."""
    values = {factor.name: factor.value for factor in assessment.factors}
    return {
        "salary_range": _step(values.get("pay"), "salary_range"),
        "keyword_match_ratio": _step(values.get("keywords"), "keyword_match_ratio"),
        "location_type": _place(profile, values.get("place")),
        "company_size": _size(profile.get("company.employee_count")),
        "posting_age": _age(posted_at, now),
    }


def key_of(features: dict[str, Any]) -> tuple[int, ...]:
    """The features as small whole numbers; a step that is unknown to us counts as unknown."""
    return tuple(steps.index(features[name]) if features.get(name) in steps else 0 for name, steps in STEPS.items())


def features_of(key: tuple[int, ...]) -> dict[str, str]:
    """The way back from `key_of`."""
    return {name: steps[number] for (name, steps), number in zip(STEPS.items(), key, strict=True)}


def action_of(grade: str, is_qualified: bool | None) -> str:
    """What a verdict amounts to among the agent's four actions."""
    if is_qualified is False:
        return "skip"
    return GRADES.get(grade, "qualify_low")


def _step(value: float | None, name: str) -> str:
    if value is None:
        return "unknown"
    return STEPS[name][1 if value < 1 / 3 else 2 if value < 2 / 3 else 3]


def _place(profile: Profile, value: float | None) -> str:
    if profile.get("is_remote"):
        return "remote"
    return "unknown" if value is None else "preferred" if value >= 0.5 else "elsewhere"


def _size(employees: Any) -> str:
    if not employees:
        return "unknown"
    return "small" if employees <= 50 else "medium" if employees <= 250 else "large"


def _age(posted_at: datetime | None, now: datetime) -> str:
    if posted_at is None:
        return "unknown"
    days = (now - posted_at).days
    return "week" if days < 7 else "month" if days < 30 else "older"
