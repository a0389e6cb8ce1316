"""A second opinion on a draft: how good, how risky, and why; and how far that opinion is people's.

A model is asked when the route `judge` is configured; else the rules of proofreading judge, and it says so. A judge may
decide for a person only after it has agreed with people (`calibration`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from django.db.models import Q, QuerySet
from pydantic import BaseModel, Field

from campaigns.drafts import guardrails
from campaigns.drafts.agreement import Agreement, Pair, agreement
from campaigns.drafts.facts import Fact
from campaigns.drafts.models import DRAFT, Draft
from outreach.llm import configured
from outreach.llm.models import Evaluation, Interaction, Trace
from outreach.llm.routing import BUILTIN
from outreach.llm.services import Call, close_trace, complete, open_trace
from outreach.prompts import rendering
from outreach.prompts import services as packs
from outreach.prompts.pack import Case, Pack
from outreach.prompts.rendering import Text
from outreach.prompts.testing import Answer, StandIn

PACK, PAIR_PACK = "judge-draft", "judge-pair"
ROUTE = "judge"
GOOD = 0.6
"""From this quality on, and below the same of risk, a judge says that a text may leave as it is."""
MOST_PAIRS = 2_000
BY_PERSON = "person"


class Mark(BaseModel):
    """The model's answer."""

    reasons: list[str] = Field(max_length=8)
    quality: int = Field(ge=1, le=5)
    risk: int = Field(ge=1, le=5)


class Preference(BaseModel):
    """The model's answer on a pair."""

    reason: str
    better: Literal["first", "second", "same"]


STAND_INS = [StandIn(PACK, schema=Mark), StandIn(PAIR_PACK, schema=Preference)]


@dataclass(frozen=True)
class Judgement:
    """`quality` and `risk` from 0 to 1. `judge` is the model that spoke, or `builtin`."""

    quality: float
    risk: float
    reasons: tuple[str, ...]
    judge: str

    @property
    def is_builtin(self) -> bool:
        return self.judge == BUILTIN

    @property
    def is_good(self) -> bool:
        return self.quality >= GOOD and self.risk < GOOD

    def as_json(self, version: int = 1) -> dict[str, Any]:
        """What a draft keeps; `version` is the draft's, so that an edited text is not taken for the judged one."""
        return {**asdict(self), "reasons": list(self.reasons), "version": version}


IS_JUDGED = Q(judgement__quality__isnull=False)
IS_GOOD = Q(judgement__quality__gte=GOOD, judgement__risk__lt=GOOD)
"""Drafts of which something was said, and of which `Judgement.is_good` is true."""


def judgement_of(draft: Draft) -> Judgement | None:
    """What was said of the text as it was generated."""
    kept = draft.judgement
    if not kept:
        return None
    return Judgement(kept["quality"], kept["risk"], tuple(kept["reasons"]), kept["judge"])


@dataclass(frozen=True)
class Subject:
    """A text to be judged, and what it may rest on."""

    text: Text
    channel: str
    language: str
    offer: str = ""
    facts: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def facts_text(self) -> str:
        return "\n".join(f"{fact['name']}: {fact['value']}" for fact in self.facts if fact.get("value"))


def subject_of(draft: Draft, text: Text) -> Subject:
    """`text` to the person of `draft`, resting on the same facts."""
    offer = draft.candidate.campaign.offer
    return Subject(text, draft.step.channel, draft.language, offer, tuple(draft.facts))


def has_judge() -> bool:
    """Whether a model judges."""
    return configured.uses_model(ROUTE)


def judge(subject: Subject, report: guardrails.Report, *, trace: Trace, parent: Interaction | None = None) -> Judgement:
    """A model's word, or that of the rules."""
    own = Judgement(report.quality, report.risk, tuple(flag.code for flag in report.flags), BUILTIN)
    if not has_judge():
        return own
    version = packs.current(PACK)
    prompt = rendering.render(
        version,
        language=subject.language,
        trusted={"channel": subject.channel, "offer": subject.offer},
        untrusted={"subject": subject.text.subject, "body": subject.text.body, "facts": subject.facts_text},
    )
    answer = complete(
        Call(
            trace=trace,
            step="judge",
            route=ROUTE,
            messages=prompt.messages,
            schema=Mark,
            builtin=lambda: Mark(reasons=list(own.reasons)[:8], quality=3, risk=3),
            pack_sha=version.sha,
            parent=parent,
        )
    )
    if answer.is_builtin:
        return own
    mark, row = answer.output, answer.interaction
    return Judgement((mark.quality - 1) / 4, (mark.risk - 1) / 4, tuple(mark.reasons), f"{row.provider}/{row.model}")


def record(judgement: Judgement, *, interaction: Interaction, variant: str) -> None:
    """As evaluations of the call that wrote the text."""
    reason = "; ".join(judgement.reasons)[:2_000]
    Evaluation.objects.bulk_create(
        Evaluation(
            interaction=interaction,
            name=f"{name}:{variant}",
            score=score,
            label="good" if judgement.is_good else "bad",
            reason=reason,
            judge=judgement.judge,
        )
        for name, score in (("quality", judgement.quality), ("risk", judgement.risk))
    )


def record_person(drafts: Sequence[Draft], *, is_approved: bool) -> None:
    """A person's word as an evaluation: approved as it was, approved after an edit, or rejected."""
    Evaluation.objects.bulk_create(
        Evaluation(
            interaction_id=draft.interaction_id,
            name=f"decision:{draft.variant}",
            score=float(is_approved and draft.edited_by_id is None),
            label=("approved" if draft.edited_by_id is None else "edited") if is_approved else "rejected",
            judge=BY_PERSON,
        )
        for draft in drafts
    )


@dataclass(frozen=True)
class Compared(Pair):
    """A judge's words on a pair, and why, in each order."""

    reasons: tuple[str, str] = ("", "")
    judge: str = BUILTIN


def compare(first: Subject, second: Subject, *, trace: Trace) -> Compared:
    """Which of two texts is better. A model is asked in both orders."""
    version = packs.current(PAIR_PACK)
    words, reasons, judges = [], [], []
    for one, other in ((first, second), (second, first)):
        prompt = rendering.render(
            version,
            language=first.language,
            trusted={"offer": first.offer},
            untrusted={"first": _whole(one.text), "second": _whole(other.text), "facts": first.facts_text},
        )
        answer = complete(
            Call(
                trace=trace,
                step="judge",
                route=ROUTE if has_judge() else BUILTIN,
                messages=prompt.messages,
                schema=Preference,
                builtin=lambda: Preference(reason="", better="same"),
                pack_sha=version.sha,
            )
        )
        words.append(answer.output.better)
        reasons.append(answer.output.reason)
        row = answer.interaction
        judges.append(BUILTIN if answer.is_builtin else f"{row.provider}/{row.model}")
    judge_name = judges[0] if judges[0] == judges[1] else BUILTIN
    if judge_name == BUILTIN:  # one order alone says nothing
        words = ["same", "same"]
    return Compared(words[0], words[1], reasons=(reasons[0], reasons[1]), judge=judge_name)


def _whole(text: Text) -> str:
    return f"{text.subject}\n\n{text.body}".strip()


# agreement with people


def decided() -> QuerySet[Draft]:
    """Texts on which a person said a word, the newest first."""
    by_person = Q(state__in=DRAFT.final, approved_by__isnull=False) | Q(state=DRAFT.REJECTED, decision__isnull=False)
    return Draft.objects.filter(by_person).order_by("-pk")


def current_judge() -> str:
    """Who judges now: the first model of the route, or the rules."""
    return next(iter(configured.chain(ROUTE)), BUILTIN)


def calibration(judge_name: str = "") -> Agreement:
    """How far a judge (the current one) and people agreed on generated texts."""
    rows = decided().filter(judgement__judge=judge_name or current_judge())
    pairs = []
    for draft in rows.only("state", "judgement", "edited_by")[:MOST_PAIRS]:
        said = judgement_of(draft)
        assert said is not None
        pairs.append((said.is_good, draft.is_final and draft.edited_by_id is None))
    return agreement(pairs)


def judged_quality(draft: Draft, *, is_calibrated: bool) -> float | None:
    """The quality by which a rule may decide: of a calibrated judge, on this very text; else None."""
    kept = draft.judgement
    is_current = bool(kept) and kept["judge"] == current_judge() and kept["version"] == draft.version
    return min(kept["quality"], 1 - kept["risk"]) if is_calibrated and is_current else None


def judge_decided(*, limit: int = 100) -> int:
    """Ask the current judge about texts that people have decided on and it has not seen; how many it judged."""
    rows = (
        decided()
        .exclude(judgement__judge=current_judge())
        .select_related("candidate__campaign", "step__pack_version", "interaction")
    )
    trace = open_trace("calibration")
    count = 0
    for draft in rows[:limit]:
        subject = subject_of(draft, Text(draft.generated_subject, draft.generated_body))
        said = judge(subject, guardrails.Report(draft.risk or 0, draft.quality or 0, ()), trace=trace)
        record(said, interaction=draft.interaction, variant=draft.variant)
        version = draft.version if draft.edited_by_id is None else 0
        Draft.objects.filter(pk=draft.pk).update(judgement=said.as_json(version))
        count += 1
    close_trace(trace)
    return count


def score_answer(pack: Pack, case: Case, answer: Answer, trace: Trace) -> float | None:
    """The mark of a draft that a pack wrote in a benchmark; None for packs of other purposes."""
    if pack.purpose != "draft" or not answer.body:
        return None
    facts = tuple(
        Fact(f"case:{name}", name, value, is_trusted=name in pack.inputs.trusted) for name, value in case.inputs.items()
    )
    report = guardrails.check_written(pack, facts, subject=answer.subject, body=answer.body, language=case.language)
    subject = Subject(
        Text(answer.subject, answer.body),
        pack.channel,
        case.language,
        case.inputs.get("offer", ""),
        tuple(fact.as_json() for fact in facts if not fact.is_trusted),
    )
    said = judge(subject, report, trace=trace, parent=answer.interaction)
    return min(said.quality, 1 - said.risk)
