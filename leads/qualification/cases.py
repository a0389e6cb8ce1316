"""One lead on its way to a verdict, and the verdict as a row: by rules, by the learner, by a language model."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from leads.models import Lead
from leads.qualification import factors, judge
from leads.qualification.factors import RULES_VERSION, Assessment
from leads.qualification.labelling.deciding import Decision, Nearest
from leads.qualification.models import Brief, Verdict
from leads.qualification.profile import Profile
from outreach.core.words import gettext as _
from outreach.core.words import gettext_noop, joined
from outreach.llm.models import Interaction

LEARNER_CHECKED = gettext_noop("The learner is sure; a person decides this one to check it")


@dataclass
class Case:
    """One lead on its way to a verdict."""

    lead: Lead
    profile: Profile
    known: list[Verdict]
    assessment: Assessment | None = None
    interaction: Interaction | None = None
    judgement: judge.Judgement | None = None
    decision: Decision | None = None

    @property
    def is_decided(self) -> bool:
        """The learner decides this one alone."""
        return self.decision is not None and not self.decision.is_checked

    def same(self, brief: Brief) -> list[Verdict]:
        """Verdicts about exactly these facts and this brief."""
        return [v for v in self.known if (v.lead_hash, v.brief_hash) == (self.profile.hash, brief.content_hash)]


def by_rules(case: Case, brief: Brief) -> Verdict:
    assessment = case.assessment
    assert assessment is not None
    flags = list(assessment.flags)
    if case.interaction is not None and case.judgement is None:
        flags.append(judge.MODEL_UNAVAILABLE)
    return Verdict(
        lead=case.lead,
        brief=brief,
        source=Verdict.Source.RULES,
        is_qualified=assessment.is_qualified,
        score=assessment.score,
        coverage=assessment.coverage,
        confidence=assessment.coverage,
        grade=assessment.grade,
        reasons=assessment.reasons(),
        flags=flags,
        factors=assessment.as_json(),
        lead_hash=case.profile.hash,
        brief_hash=brief.content_hash,
        version=RULES_VERSION,
        interaction=case.interaction if case.judgement is None else None,
    )


def by_learner(case: Case, brief: Brief, decision: Decision | None) -> Verdict:
    """The learner's verdict; one that was drawn for the audit has no answer and waits for a person."""
    assessment = case.assessment
    assert assessment is not None
    assert decision is not None
    p, nearest = decision.probability, decision.nearest
    said = joined(", ", (_nearest(one) for one in nearest))
    return Verdict(
        lead=case.lead,
        brief=brief,
        source=Verdict.Source.LEARNER,
        is_qualified=None if decision.is_checked else decision.answer,
        score=round(p, 4),
        coverage=assessment.coverage,
        confidence=round(max(p, 1 - p), 4),
        grade="" if decision.is_checked else factors.grade_of(p),
        reasons=[_(LEARNER_CHECKED)]
        if decision.is_checked
        else [
            _("Decided by the learner (%(chance)s); nearest answers: %(answers)s")
            % {"chance": f"{p:.0%}", "answers": said}
        ],
        flags=["learner_check"] if decision.is_checked else [],
        factors=assessment.as_json()
        | {"learner": {"probability": round(p, 4), "nearest": [asdict(one) for one in nearest]}},
        lead_hash=case.profile.hash,
        brief_hash=brief.content_hash,
        version=decision.version,
    )


def _nearest(one: Nearest) -> str:
    return (_("#%(number)s yes") if one.is_positive else _("#%(number)s no")) % {"number": one.lead_id}


def by_model(case: Case, brief: Brief, judgement: judge.Judgement) -> Verdict:
    assessment, interaction = case.assessment, case.interaction
    assert assessment is not None
    assert interaction is not None
    verdict = judge.is_qualified(judgement)
    return Verdict(
        lead=case.lead,
        brief=brief,
        source=Verdict.Source.LLM,
        is_qualified=verdict,
        score=judgement.score / 100,
        coverage=assessment.coverage,
        confidence=judgement.confidence,
        grade="" if verdict is None else factors.grade_of(judgement.score / 100),
        reasons=judgement.reasons,
        flags=judgement.flags,
        factors=assessment.as_json(),
        lead_hash=case.profile.hash,
        brief_hash=brief.content_hash,
        version=f"{interaction.provider}/{interaction.model} {judge.PACK}@{interaction.pack_sha[:8]}",
        interaction=interaction,
    )
