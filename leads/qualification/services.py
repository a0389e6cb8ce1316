"""Use cases of qualification: save a brief, qualify leads, record a person's decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from leads.models import Lead
from leads.qualification import expectations, factors, judge
from leads.qualification.expectations import Expectations
from leads.qualification.factors import RULES_VERSION, Assessment
from leads.qualification.models import Brief, Verdict
from leads.qualification.profile import Profile, profile_of
from leads.qualification.selectors import current, is_fresh, latest_verdict
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, Refused
from outreach.core.hashing import canonical_hash
from outreach.core.models import Actor
from outreach.events.services import publish
from outreach.llm import services as llm
from outreach.llm.models import Interaction, Trace
from outreach.prompts import services as packs
from outreach.prompts.rendering import render

__all__ = ["assess", "decide", "delete_brief", "latest_verdict", "qualify", "save_brief"]

CHUNK = 200
MAX_DESCRIPTION = 8_000


def save_brief(
    *,
    name: str,
    description: str,
    factors: dict[str, Any],
    use_model: bool,
    created_by: User | None,
    brief: Brief | None = None,
) -> Brief:
    """Create or change a brief. Verdicts made for another content no longer count: a change publishes `brief.changed`.

    Raises `Invalid` by setting.
    """
    name = " ".join(name.split())
    if not name or len(name) > 200 or "\x00" in name:
        raise Invalid("name", _("Enter a name of at most 200 characters."))
    if len(description) > MAX_DESCRIPTION or "\x00" in description:
        raise Invalid("description", _("The description is too long. The limit is %(most)s characters.") % {"most": MAX_DESCRIPTION})  # fmt: skip
    if use_model and not description.strip():
        raise Invalid("description", _("Describe who you are looking for, so that the language model can judge."))
    wanted = expectations.parse(factors)
    dumped = wanted.model_dump(mode="json")
    try:
        with transaction.atomic():
            row = Brief.objects.select_for_update().get(pk=brief.pk) if brief else Brief(created_by=created_by)
            row.name, row.description, row.factors, row.use_model = name, description, dumped, use_model
            hash_before = row.content_hash
            row.content_hash = brief_hash(description=description, wanted=wanted, use_model=use_model)
            row.save()
            if brief is not None and row.content_hash != hash_before:
                publish("brief.changed", brief_id=row.pk)
            actor = Actor.of(created_by) if created_by else Actor.system("qualification")
            audit.record("brief.saved", subject=row, actor=actor, data={"content_hash": row.content_hash})
            return row
    except IntegrityError as error:
        raise Invalid("name", _("A brief called “%(name)s” already exists.") % {"name": name}) from error


def delete_brief(*, brief: Brief, user: User | None) -> None:
    """Delete a brief with its verdicts. Raises `Refused` while a campaign uses it."""
    with transaction.atomic():
        audit.record("brief.deleted", subject=brief, actor=Actor.of(user) if user else Actor.system("qualification"))
        try:
            brief.delete()
        except models.ProtectedError as error:
            names = ", ".join(sorted({str(row) for row in error.protected_objects})[:3])
            raise Refused(
                _("“%(brief)s” is used by %(names)s and cannot be deleted.") % {"brief": brief.name, "names": names},
                code="in_use",
            ) from error


def brief_hash(*, description: str, wanted: Expectations, use_model: bool) -> str:
    """Equal for briefs with the same meaning; the name does not matter."""
    words = " ".join(description.split()) if use_model else ""
    return canonical_hash({"words": words, "wanted": wanted.model_dump(mode="json"), "use_model": use_model})


def assess(*, lead: Lead, wanted: Expectations) -> Assessment:
    """The rules' result for `lead`, without storing it."""
    return factors.assess(profile_of(lead), wanted)


@dataclass
class _Case:
    """One lead on its way to a verdict."""

    lead: Lead
    profile: Profile
    known: list[Verdict]
    assessment: Assessment | None = None
    interaction: Interaction | None = None
    judgement: judge.Judgement | None = None

    def same(self, brief: Brief) -> list[Verdict]:
        """Verdicts about exactly these facts and this brief."""
        return [v for v in self.known if (v.lead_hash, v.brief_hash) == (self.profile.hash, brief.content_hash)]


def qualify(*, leads: Iterable[Lead], brief: Brief, trace: Trace | None = None) -> list[Verdict]:
    """The verdict that counts for each lead, in order: a person's if there is one, else rules, then the model if the
    brief wants it. Unchanged leads keep their verdicts (a model's for 14 days); each new one publishes `lead.qualified`.

    With a model it waits for answers: do not call it inside a transaction.
    """
    wanted = expectations.parse(brief.factors)
    rows = _with_companies(leads)
    verdicts: list[Verdict] = []
    for start in range(0, len(rows), CHUNK):
        verdicts += _qualify_chunk(rows[start : start + CHUNK], brief, wanted, trace)
    return verdicts


def _with_companies(leads: Iterable[Lead]) -> list[Lead]:
    if isinstance(leads, models.QuerySet):
        leads = leads.select_related("company")
    rows = list(leads)
    models.prefetch_related_objects(rows, "company")
    return rows


def _qualify_chunk(leads: list[Lead], brief: Brief, wanted: Expectations, trace: Trace | None) -> list[Verdict]:
    known: dict[int, list[Verdict]] = {}
    stored = Verdict.objects.filter(brief=brief, lead_id__in=[lead.pk for lead in leads])
    for verdict in stored.order_by("lead_id", "source", "-id").distinct("lead_id", "source"):
        known.setdefault(verdict.lead_id, []).append(verdict)
    cases = [_Case(lead, profile_of(lead), known.get(lead.pk, [])) for lead in leads]
    open_cases = [case for case in cases if _kept(case, brief) is None]
    for case in open_cases:
        case.assessment = factors.assess(case.profile, wanted)
    if brief.use_model and open_cases:
        _ask(open_cases, brief, wanted, trace)
    new = _store(open_cases, brief)
    return [_kept(case, brief) or _strongest(new[case.lead.pk]) for case in cases]


def _kept(case: _Case, brief: Brief) -> Verdict | None:
    """The stored verdict that still counts."""
    by_person = next((v for v in case.known if v.source == Verdict.Source.PERSON), None)
    if by_person is not None:
        return by_person
    same = case.same(brief)
    if brief.use_model:
        return next((v for v in same if v.source == Verdict.Source.LLM and is_fresh(v)), None)
    return next((v for v in same if v.source == Verdict.Source.RULES and v.version == RULES_VERSION), None)


def _strongest(verdicts: list[Verdict]) -> Verdict:
    found = current(verdicts)
    assert found is not None
    return found


def _ask(cases: list[_Case], brief: Brief, wanted: Expectations, trace: Trace | None) -> None:
    """Ask the model about each case; without a model the rules decide and the interaction says so."""
    own = trace is None
    trace = trace or llm.open_trace(
        "qualify", lead_id=cases[0].lead.pk if len(cases) == 1 else None, session_key=f"brief:{brief.pk}"
    )
    version = packs.current(judge.PACK)
    asked = judge.brief_text(name=brief.name, description=brief.description, wanted=wanted)
    for case in cases:
        assessment = case.assessment
        assert assessment is not None
        question = render(
            version,
            language="ru" if get_language() == "ru" else "en",
            trusted={"brief": asked},
            untrusted={"facts": judge.facts_text(case.profile)},
        )
        answer = llm.complete(
            llm.Call(
                trace=trace,
                step="qualify",
                route="qualify",
                messages=question.messages,
                schema=judge.Judgement,
                builtin=lambda assessment=assessment: judge.from_rules(assessment),  # type: ignore[misc]
                pack_sha=version.sha,
                image_urls=case.profile.image_urls,
            )
        )
        case.interaction = answer.interaction
        if not answer.is_builtin:
            case.judgement = answer.output
    if own:
        llm.close_trace(trace)


@transaction.atomic
def _store(cases: list[_Case], brief: Brief) -> dict[int, list[Verdict]]:
    """Write the new verdicts and tell the others."""
    rows: list[Verdict] = []
    for case in cases:
        is_known = any(v.source == Verdict.Source.RULES and v.version == RULES_VERSION for v in case.same(brief))
        if not is_known or case.judgement is None:
            rows.append(_by_rules(case, brief))
        if case.judgement is not None:
            rows.append(_by_model(case, brief, case.judgement))
    Verdict.objects.bulk_create(rows)
    by_lead: dict[int, list[Verdict]] = {}
    for verdict in rows:
        by_lead.setdefault(verdict.lead_id, []).append(verdict)
    for lead_id, made in by_lead.items():
        publish("lead.qualified", lead_id=lead_id, brief_id=brief.pk, verdict_id=_strongest(made).pk)
    return by_lead


def _by_rules(case: _Case, brief: Brief) -> Verdict:
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


def _by_model(case: _Case, brief: Brief, judgement: judge.Judgement) -> Verdict:
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


@transaction.atomic
def decide(*, lead: Lead, brief: Brief, is_qualified: bool, user: User, reason: str = "") -> Verdict:
    """A person's verdict: counts before any rule or model until a person changes it."""
    before = latest_verdict(lead.pk, brief.pk)
    reason = " ".join(reason.split())[:1000]
    verdict = Verdict.objects.create(
        lead=lead,
        brief=brief,
        source=Verdict.Source.PERSON,
        is_qualified=is_qualified,
        score=before.score if before else None,
        coverage=before.coverage if before else None,
        confidence=1.0,
        grade=before.grade if before else "",
        reasons=[reason] if reason else [],
        flags=[],
        factors=before.factors if before else {},
        lead_hash=profile_of(lead).hash,
        brief_hash=brief.content_hash,
        version="person",
        decided_by=user,
    )
    audit.record(
        "lead.decided",
        subject=lead,
        actor=Actor.of(user),
        data={"brief": brief.pk, "is_qualified": is_qualified, "verdict": verdict.pk},
    )
    publish("lead.qualified", lead_id=lead.pk, brief_id=brief.pk, verdict_id=verdict.pk)
    return verdict
