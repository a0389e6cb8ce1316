"""What the API says about a lead: a probability with its source, feedback that trains, and how good the learners are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from leads.models import Lead
from leads.qualification import expectations, factors, services
from leads.qualification.labelling import checks, labels, states
from leads.qualification.models import Brief, Feedback, Label, Verdict
from leads.qualification.profile import Fact, Profile, profile_of
from outreach.access.models import User
from outreach.core.errors import Invalid
from outreach.core.registry import Point
from outreach.core.words import gettext as _

OUTCOMES: Point[Callable[[Lead], dict[str, Any]]] = Point("qualification.outcomes")
"""What rooms above predict of a lead: how likely answers are."""
LEAST = 10
"""Labels from which a probability is given."""
MOST_METADATA = 4_000
REWARDS = {
    Feedback.Action.APPROVED: 10.0,
    Feedback.Action.REJECTED: -5.0,
    Feedback.Action.REPLIED: 5.0,
    Feedback.Action.INTERVIEW: 20.0,
    Feedback.Action.NO_RESPONSE: -1.0,
}
ALIASES = {
    "approve": Feedback.Action.APPROVED,
    "reject": Feedback.Action.REJECTED,
    "reply": Feedback.Action.REPLIED,
    "interview": Feedback.Action.INTERVIEW,
    "no_answer": Feedback.Action.NO_RESPONSE,
}
_ANSWERS = {
    Feedback.Action.APPROVED: True,
    Feedback.Action.INTERVIEW: True,
    Feedback.Action.REJECTED: False,
}
"""What is a label. A reply or silence says nothing about whether the person was the right one."""


@dataclass(frozen=True)
class Prediction:
    """`probability` is None where too little is known; `source` says what it is from."""

    brief: Brief
    probability: float | None
    answer: bool | None
    """What is decided without a person or a model; None: nothing."""
    source: str
    labels: int
    reasons: list[str]


def brief_for(lead: Lead, brief: Brief | None) -> Brief:
    """The brief that is meant: the one given, else the one that judged `lead` last, else the only one. Raises `Invalid`."""
    if brief is not None:
        return brief
    verdict = Verdict.objects.filter(lead=lead).select_related("brief").order_by("-pk").first()
    if verdict is not None:
        return verdict.brief
    found = list(Brief.objects.all()[:2])
    if len(found) != 1:
        raise Invalid("brief", _("Name the brief: this lead was not judged by any yet."))
    return found[0]


def outcomes_of(lead: Lead) -> dict[str, Any]:
    """What the rooms above predict of the lead, as plain values."""
    return {name: value for source in OUTCOMES.entries() for name, value in source(lead).items()}


def predict(*, lead: Lead, brief: Brief, features: Mapping[str, Any] | None = None) -> Prediction:
    """The learner's probability; the rules' score where it has fewer than ten labels, no vector, or with other `features`.

    `features` replace facts of the lead (`title`, `description`, `compensation` and so on) for this question only.
    """
    if not features:
        state = states.state_of(brief)
        fitted = states.learner_of(brief, state)
        vectors = states.vectors_of([lead.pk])
        if (
            fitted is not None
            and vectors
            and state.label_count >= LEAST
            and 0 < state.positive_count < state.label_count
        ):
            said = float(fitted.probability(vectors[lead.pk][None])[0])
            return Prediction(brief, said, state.answer(said), Verdict.Source.LEARNER, state.label_count, [])
    profile = profile_of(lead)
    if features:
        profile = Profile(tuple(Fact(k, v) for k, v in {**profile.as_data(), **_facts(features)}.items()))
    found = factors.assess(profile, expectations.parse(brief.factors))
    count = len(labels.in_force(brief.pk))
    return Prediction(brief, found.score, found.is_qualified, Verdict.Source.RULES, count, found.reasons())


def _facts(features: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in features.items():
        is_list = isinstance(value, list) and all(isinstance(part, str) for part in value)
        if not is_list and not isinstance(value, str | int | float | bool):
            raise Invalid(f"features.{name}", _("A feature is a text, a number, true, false, or a list of texts."))
    return dict(features)


@transaction.atomic
def give_feedback(
    *, lead: Lead, brief: Brief, action: str, reward: float | None, metadata: Mapping[str, Any], user: User
) -> Feedback:
    """Record what happened with a lead. Approvals and rejections are a person's verdict; these and calls are labels.

    Raises `Invalid` for an unknown action or reward, `Refused` `lead_erased`.
    """
    known = ALIASES.get(action) or next((one for one in Feedback.Action if one.value == action), None)
    if known is None:
        raise Invalid(
            "action", _("Unknown action. Use one of: %(names)s.") % {"names": ", ".join(Feedback.Action.values)}
        )
    if reward is not None and (not math.isfinite(reward) or abs(reward) > 100):
        raise Invalid("reward", _("A reward is a number between -100 and 100."))
    if len(json.dumps(metadata)) > MOST_METADATA:
        raise Invalid(
            "metadata", _("The metadata is too long. The limit is %(most)s characters.") % {"most": MOST_METADATA}
        )
    reason = str(metadata.get("reason") or "")
    if known in (Feedback.Action.APPROVED, Feedback.Action.REJECTED):
        services.decide(
            lead=lead, brief=brief, is_qualified=_ANSWERS[known], user=user, reason=reason, source=Label.Source.API
        )
    elif known in _ANSWERS:
        labels.give(
            brief=brief, lead=lead, is_positive=_ANSWERS[known], source=Label.Source.API, user=user, reason=reason
        )
    return Feedback.objects.create(
        lead=lead,
        brief=brief,
        action=known,
        reward=REWARDS[known] if reward is None else reward,
        metadata=dict(metadata),
        given_by=user,
    )


def metrics(brief: Brief) -> dict[str, Any]:
    """How good the brief's learner is, measured on its labels and on checked decisions."""
    state, measured = states.state_of(brief), checks.measured(brief)
    point = states.points_of(state)[-1] if state.points else None
    return {
        "brief": brief.pk,
        "name": brief.name,
        "labels": state.label_count,
        "positive": state.positive_count,
        "accuracy": point.accuracy if point else None,
        "accuracy_interval": [point.low, point.high] if point else None,
        "majority_accuracy": point.commoner if point else None,
        "auc": point.auc if point else None,
        "decides_alone": brief.decides_alone
        and not measured.is_stopped
        and (state.yes_from, state.no_to) != (None, None),
        "yes_from": state.yes_from,
        "no_to": state.no_to,
        "promised_error": brief.promised_error,
        "checked": measured.answered,
        "checked_error": measured.rate,
        "checks_waiting": measured.waiting,
        "is_stopped": measured.is_stopped,
        "version": state.version,
    }
