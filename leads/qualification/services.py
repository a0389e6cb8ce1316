"""Use cases of qualification: save a brief, qualify leads, record a person's decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import get_language

from leads.models import Lead
from leads.qualification import expectations, factors, judge
from leads.qualification.cases import Case, by_learner, by_model, by_rules
from leads.qualification.expectations import Expectations
from leads.qualification.factors import RULES_VERSION, Assessment
from leads.qualification.labelling import deciding, labels
from leads.qualification.models import Brief, BriefVersion, Label, Verdict
from leads.qualification.profile import profile_of
from leads.qualification.selectors import current, is_fresh, latest_verdict
from outreach.access.models import User
from outreach.core import audit
from outreach.core.errors import Invalid, Refused
from outreach.core.hashing import canonical_hash
from outreach.core.models import Actor
from outreach.core.words import gettext as _
from outreach.events.services import publish
from outreach.llm import services as llm
from outreach.llm.errors import Waiting
from outreach.llm.models import Trace
from outreach.prompts import services as packs
from outreach.prompts.rendering import render

CHUNK = 200
MAX_DESCRIPTION = 8_000


@dataclass(frozen=True)
class LearnerTerms:
    """What the learner of a brief may do."""

    decides_alone: bool = True
    promised_error: float = 0.05
    """Share of its decisions that may be wrong."""
    checked_share: float = 0.1
    """Share of its decisions that a person or a model makes all the same."""

    def __post_init__(self) -> None:
        if not 0.005 <= self.promised_error <= 0.3:
            raise Invalid("promised_error", _("Enter an error rate between 0.5 and 30 percent."))
        if not 0.02 <= self.checked_share <= 1:
            raise Invalid("checked_share", _("At least 2 percent of the learner's decisions are checked."))


def save_brief(
    *,
    name: str,
    description: str,
    factors: dict[str, Any],
    use_model: bool,
    created_by: User | None,
    brief: Brief | None = None,
    learner: LearnerTerms = LearnerTerms(),
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
            for term, value in asdict(learner).items():
                setattr(row, term, value)
            row.content_hash = brief_hash(description=description, wanted=wanted, use_model=use_model, alone=learner.decides_alone)  # fmt: skip
            row.save()
            _keep_version(row, created_by)
            if brief is not None and row.content_hash != hash_before:
                publish("brief.changed", brief_id=row.pk)
            actor = Actor.of(created_by) if created_by else Actor.system("qualification")
            audit.record("brief.saved", subject=row, actor=actor, data={"content_hash": row.content_hash})
            return row
    except IntegrityError as error:
        raise Invalid("name", _("A brief called “%(name)s” already exists.") % {"name": name}) from error


def _keep_version(brief: Brief, user: User | None) -> None:
    """Write down what the brief asks for now, unless that is what it asked for before."""
    last = brief.versions.first()
    if last is None or (last.content_hash, last.description) != (brief.content_hash, brief.description):
        BriefVersion.objects.create(
            brief=brief,
            number=last.number + 1 if last else 1,
            content_hash=brief.content_hash,
            description=brief.description,
            factors=brief.factors,
            use_model=brief.use_model,
            created_by=user,
        )


def restore_version(*, brief: Brief, number: int, user: User) -> Brief:
    """Ask again for what version `number` asked for; that is a new version. Raises `Invalid` for one that does not exist."""
    version = brief.versions.filter(number=number).first()
    if version is None:
        raise Invalid("version", _("This brief has no version %(number)s.") % {"number": number})
    return save_brief(
        name=brief.name,
        description=version.description,
        factors=version.factors,
        use_model=version.use_model,
        created_by=user,
        brief=brief,
        learner=LearnerTerms(brief.decides_alone, brief.promised_error, brief.checked_share),
    )


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


def brief_hash(*, description: str, wanted: Expectations, use_model: bool, alone: bool = True) -> str:
    """Equal for briefs with the same meaning; the name does not matter."""
    words = " ".join(description.split()) if use_model else ""
    meaning = {"words": words, "wanted": wanted.model_dump(mode="json"), "use_model": use_model}
    return canonical_hash(meaning if alone else meaning | {"learner": False})


def assess(*, lead: Lead, wanted: Expectations) -> Assessment:
    """The rules' result for `lead`, without storing it."""
    return factors.assess(profile_of(lead), wanted)


def qualify(*, leads: Iterable[Lead], brief: Brief, trace: Trace | None = None, waits: bool = False) -> list[Verdict]:
    """The verdict that counts for each lead, in order: a person's if there is one, else the learner's where it is sure,
    else rules, then the model if the brief wants it. Unchanged leads keep their verdicts (a model's for 14 days); each new one publishes `lead.qualified`.

    With a model it waits for answers: do not call it inside a transaction. With `waits` it raises `Waiting` when no model
    answers now, after storing the verdicts that were made until then.
    """
    wanted = expectations.parse(brief.factors)
    rows = _with_companies(leads)
    verdicts: list[Verdict] = []
    for start in range(0, len(rows), CHUNK):
        verdicts += _qualify_chunk(rows[start : start + CHUNK], brief, wanted, trace, waits=waits)
    return verdicts


def _with_companies(leads: Iterable[Lead]) -> list[Lead]:
    if isinstance(leads, models.QuerySet):
        leads = leads.select_related("company")
    rows = list(leads)
    models.prefetch_related_objects(rows, "company")
    return rows


def _qualify_chunk(
    leads: list[Lead], brief: Brief, wanted: Expectations, trace: Trace | None, *, waits: bool
) -> list[Verdict]:
    known: dict[int, list[Verdict]] = {}
    stored = Verdict.objects.filter(brief=brief, lead_id__in=[lead.pk for lead in leads])
    for verdict in stored.order_by("lead_id", "source", "-id").distinct("lead_id", "source"):
        known.setdefault(verdict.lead_id, []).append(verdict)
    cases = [Case(lead, profile_of(lead), known.get(lead.pk, [])) for lead in leads]
    kept = {case.lead.pk: found for case in cases if (found := _kept(case, brief))}
    undecided = [c for c in cases if c.lead.pk not in kept or kept[c.lead.pk].source == Verdict.Source.RULES]
    decisions = deciding.decide(brief=brief, lead_ids=[case.lead.pk for case in undecided])
    for case in undecided:
        case.decision = decisions.get(case.lead.pk)
    open_cases = [case for case in undecided if case.is_decided or case.lead.pk not in kept]
    for case in open_cases:
        case.assessment = factors.assess(case.profile, wanted)
    asked = [case for case in open_cases if not case.is_decided]
    if brief.use_model and asked:
        try:
            _ask(asked, brief, wanted, trace, waits=waits)
        except Waiting:
            _store([case for case in open_cases if case.is_decided or case.interaction is not None], brief)
            raise
    new = _store(open_cases, brief) if open_cases else {}
    return [_strongest(new[case.lead.pk]) if case.lead.pk in new else kept[case.lead.pk] for case in cases]


def _kept(case: Case, brief: Brief) -> Verdict | None:
    """The stored verdict that still counts."""
    by_person = next((v for v in case.known if v.source == Verdict.Source.PERSON), None)
    if by_person is not None:
        return by_person
    same = case.same(brief)
    by_learner = next((v for v in same if v.source == Verdict.Source.LEARNER), None)
    if brief.use_model:
        return next((v for v in same if v.source == Verdict.Source.LLM and is_fresh(v)), by_learner)
    if by_learner is not None:
        return by_learner
    return next((v for v in same if v.source == Verdict.Source.RULES and v.version == RULES_VERSION), None)


def _strongest(verdicts: list[Verdict]) -> Verdict:
    found = current(verdicts)
    assert found is not None
    return found


def _ask(cases: list[Case], brief: Brief, wanted: Expectations, trace: Trace | None, *, waits: bool) -> None:
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
                lead_id=case.lead.pk,
                messages=question.messages,
                schema=judge.Judgement,
                builtin=lambda assessment=assessment: judge.from_rules(assessment),  # type: ignore[misc]
                pack_sha=version.sha,
                image_urls=case.profile.image_urls,
                waits=waits,
            )
        )
        case.interaction = answer.interaction
        if not answer.is_builtin:
            case.judgement = answer.output
    if own:
        llm.close_trace(trace)


@transaction.atomic
def _store(cases: list[Case], brief: Brief) -> dict[int, list[Verdict]]:
    """Write the new verdicts and tell the others."""
    rows: list[Verdict] = []
    for case in cases:
        if case.is_decided or (case.decision is not None and case.decision.is_drawn and not brief.use_model):
            rows.append(by_learner(case, brief, case.decision))
            continue
        is_known = any(v.source == Verdict.Source.RULES and v.version == RULES_VERSION for v in case.same(brief))
        if not is_known or case.judgement is None:
            rows.append(by_rules(case, brief))
        if case.judgement is not None:
            rows.append(by_model(case, brief, case.judgement))
    Verdict.objects.bulk_create(rows)
    answers = {v.lead_id: v.is_qualified for v in rows if v.source == Verdict.Source.LLM and v.is_qualified is not None}
    labels.give_by_model(brief=brief, answers=answers)
    by_lead: dict[int, list[Verdict]] = {}
    for verdict in rows:
        by_lead.setdefault(verdict.lead_id, []).append(verdict)
    for lead_id, made in by_lead.items():
        publish("lead.qualified", lead_id=lead_id, brief_id=brief.pk, verdict_id=_strongest(made).pk)
    return by_lead


@transaction.atomic
def decide(
    *, lead: Lead, brief: Brief, is_qualified: bool, user: User, reason: str = "", source: str = Label.Source.REVIEW
) -> Verdict:
    """A person's verdict: counts before any rule or model until a person changes it, and the learner learns from it.

    `source` says where it was given. Raises `Refused` `lead_erased`.
    """
    lead = lead.merged_into or lead
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
    labels.give(
        brief=brief, lead=lead, is_positive=is_qualified, source=source, user=user, reason=reason, verdict=verdict
    )
    audit.record(
        "lead.decided",
        subject=lead,
        actor=Actor.of(user),
        data={"brief": brief.pk, "is_qualified": is_qualified, "verdict": verdict.pk},
    )
    publish("lead.qualified", lead_id=lead.pk, brief_id=brief.pk, verdict_id=verdict.pk)
    return verdict


@transaction.atomic
def take_back(*, brief: Brief, user: User) -> Lead:
    """Undo the last answer that `user` gave on the labelling page: label and verdict; an earlier verdict counts again.

    Raises `Refused` `nothing_to_undo`.
    """
    label = labels.last_of(brief=brief, user=user)
    if label is None:
        raise Refused(_("There is nothing to undo."), code="nothing_to_undo")
    labels.withdraw(label)
    if label.verdict is not None:
        audit.record("lead.decision_withdrawn", subject=label.lead, actor=Actor.of(user), data={"brief": brief.pk})
        label.verdict.delete()
        before = latest_verdict(label.lead_id, brief.pk)
        if before is not None:
            publish("lead.qualified", lead_id=label.lead_id, brief_id=brief.pk, verdict_id=before.pk)
    return label.lead
