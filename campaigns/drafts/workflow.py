"""How one candidate's texts are written: collect → plan → draft → refine → judge, each step an interaction on one trace.

With built-in rules only, the pack's own templates are rendered in a single interaction. A model writes all variants in
one call and is asked once more for those that the guardrails flag; planning asks a model only when the route `plan` is
configured. What comes back is text: recipients, links and states are set elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from pydantic import BaseModel

from campaigns.drafts import facts as facts_of
from campaigns.drafts import guardrails, judging
from campaigns.drafts.facts import Collected
from campaigns.drafts.models import Draft
from campaigns.models import Candidate
from campaigns.steps.models import Step
from campaigns.steps.senders import sender_of
from conversations.senders.models import Sender
from leads.insights import selectors as insights
from outreach.core.errors import Invalid
from outreach.core.words import gettext as _
from outreach.llm import configured
from outreach.llm.models import Interaction, Trace
from outreach.llm.services import Call, Completion, complete
from outreach.prompts import rendering
from outreach.prompts.liquid_text import MissingVariable, TemplateError
from outreach.prompts.pack import Pack
from outreach.prompts.rendering import Text

PLAN_ROUTE = "plan"
FLAGS_TO_REFINE = frozenset(guardrails.WEIGHTS) - {"instruction_in_source"}


class Plan(BaseModel):
    """What a text to this recipient should be about."""

    angle: str
    fact_ids: list[str]


@dataclass(frozen=True)
class Written:
    """One finished variant."""

    variant: str
    language: str
    text: Text
    cited: tuple[str, ...]
    report: guardrails.Report
    interaction: Interaction
    facts: tuple[dict[str, Any], ...]
    judgement: judging.Judgement


def _written_in(pack: Pack, offers: Mapping[str, str]) -> list[str]:
    """The pack's languages in which the campaign has its offer: a Russian text never carries an English offer.

    All of them when none fits, or when the pack uses no offer: the missing words are then reported as missing.
    """
    both = [code for code in pack.languages if code in offers]
    return both or list(pack.languages)


@dataclass
class Writer:
    """Writes for one candidate and one step. `previous` is the previous step's text, by variant."""

    candidate: Candidate
    step: Step
    trace: Trace
    previous: Mapping[str, Text] = field(default_factory=dict)
    tone: str = ""
    quotes: insights.ForDrafts | None = None
    """What research found that the text may refer to; None: it is read."""

    def __post_init__(self) -> None:
        self.pack: Pack = rendering.pack_of(self.step.pack)
        offers = self.candidate.campaign.offers()
        self.language = facts_of.choose_language(self.candidate.lead, _written_in(self.pack, offers))
        sender = sender_of(self.candidate, self.step)
        quotes = insights.for_drafts(self.candidate.lead) if self.quotes is None else self.quotes
        self.collected = collected(self.candidate, sender=sender, language=self.language, quotes=quotes)

    def write(self, variants: Sequence[str]) -> list[Written]:
        """The texts of `variants`. Raises `Invalid` saying what is missing for this recipient; never blanks."""
        self._require(variants)
        plan = self._plan()
        draft = self._ask("draft", variants, parent=plan.interaction if plan else None, plan=plan)
        texts = {name: (draft, _answer(draft.output, name)) for name in variants}
        reports = {name: self._check(answer) for name, (_c, answer) in texts.items()}
        if not draft.is_builtin:
            for name, report in list(reports.items()):
                if not {flag.code for flag in report.flags} & FLAGS_TO_REFINE:
                    continue
                refined = self._refine(name, texts[name][1], report, draft.interaction)
                answer = _answer(refined.output, name)
                again = self._check(answer)
                if again.risk < report.risk:
                    texts[name], reports[name] = (refined, answer), again
        parts = [(name, completion, answer, reports[name]) for name, (completion, answer) in texts.items()]
        if len(parts) == 1 or not judging.has_judge():
            return [self._written(*part) for part in parts]
        with ThreadPoolExecutor(len(parts), thread_name_prefix="judging") as pool:  # one does not wait for another
            return list(pool.map(lambda part: self._written_in_thread(*part), parts))

    # the steps

    def _require(self, variants: Sequence[str]) -> None:
        missing = rendering.missing_variables(self.pack, self.language, self.values)
        if missing:
            raise Invalid(
                "draft",
                _("No value for: %(names)s.") % {"names": ", ".join(sorted(missing))},
                code="variable_missing",
            )
        if not self.candidate.lead.address(self.step.channel):
            raise Invalid(
                "draft", _("No address for step %(number)s.") % {"number": self.step.number}, code="address_missing"
            )

    def _plan(self) -> Completion[Plan] | None:
        """Which facts to use. A model is asked only if the route `plan` is configured."""
        if not configured.uses_model(PLAN_ROUTE):
            return None
        chosen = [fact.id for fact in self.collected.facts if not fact.is_trusted][:3]
        lines = self.collected.untrusted.get("facts", "")
        messages = [
            {"role": "system", "content": f"Choose what a short first message should be about. {rendering.DATA_RULE}"},
            {"role": "user", "content": f"We offer: {self.collected.trusted.get('offer', '')}\n<data>{lines}</data>"},
        ]
        return complete(
            Call(
                trace=self.trace,
                step="plan",
                route=PLAN_ROUTE,
                messages=messages,
                schema=Plan,
                builtin=lambda: Plan(angle="", fact_ids=chosen),
                waits=self.candidate.campaign.waits_for_model,
                pack_sha=self.step.pack.sha,
            )
        )

    def _ask(
        self,
        step: str,
        variants: Sequence[str],
        *,
        parent: Interaction | None = None,
        plan: Completion[Plan] | None = None,
        extra: Mapping[str, str] | None = None,
        previous_draft: str = "",
        fallback: Mapping[str, Text] | None = None,
    ) -> Completion[BaseModel]:
        """A model's answer for `variants`; without one `fallback`, else the pack's own texts."""
        untrusted = {**self.collected.untrusted}
        if plan and plan.output.angle:
            untrusted["plan"] = f"{plan.output.angle} ({', '.join(plan.output.fact_ids)})"
        if previous_draft:
            untrusted["previous_draft"] = previous_draft
        try:
            prompt = rendering.render(
                self.pack,
                language=self.language,
                variants=list(variants),
                trusted={**self.values_trusted, **(extra or {})},
                untrusted=untrusted,
            )
        except TemplateError as error:
            raise Invalid("draft", error.reason, code="template_invalid") from error
        schema = prompt.schema or self.pack.variants_model(list(variants))
        return complete(
            Call(
                trace=self.trace,
                step=step,
                route=self.step.route
                or ("refine" if (step, self.pack.route) == ("refine", "draft") else self.pack.route),
                messages=prompt.messages,
                schema=schema,
                builtin=lambda: self._answer_model(schema, fallback or self._from_templates(variants)),
                waits=step == "draft" and self.candidate.campaign.waits_for_model,
                pack_sha=self.step.pack.sha,
                parent=parent,
            )
        )

    def _refine(
        self, name: str, answer: dict[str, Any], report: guardrails.Report, parent: Interaction
    ) -> Completion[BaseModel]:
        faults = "; ".join(f"{flag.code.replace('_', ' ')}: {flag.excerpt}" for flag in report.flags)
        before = f"{answer.get('subject', '')}\n\n{answer['body']}".strip()
        return self._ask("refine", [name], parent=parent, extra={"feedback": faults}, previous_draft=before)

    def change(self, variant: str, before: Text, wish: str, fallback: Text) -> Written:
        """`before` in another manner; `fallback` is what the built-in rules make of it."""
        shown = f"{before.subject}\n\n{before.body}".strip()
        completion = self._ask(
            "tone", [variant], extra={"feedback": wish}, previous_draft=shown, fallback={variant: fallback}
        )
        answer = _answer(completion.output, variant)
        return self._written(variant, completion, answer, self._check(answer))

    # what they share

    @property
    def values_trusted(self) -> dict[str, str]:
        return {**self.collected.trusted, **_previous(next(iter(self.previous.values()), None))}

    @property
    def values(self) -> dict[str, str]:
        return {**self.collected.untrusted, **self.values_trusted}

    def _from_templates(self, variants: Sequence[str]) -> dict[str, Text]:
        texts: dict[str, Text] = {}
        for name in variants:
            try:
                text = from_template(
                    self.pack,
                    self.collected,
                    seed=seed_of(self.candidate, self.step),
                    variant=name,
                    language=self.language,
                    before=self.previous.get(name),
                )
            except MissingVariable as error:
                raise Invalid("draft", _("No value for: %(names)s.") % {"names": error.name}) from error
            except TemplateError as error:
                raise Invalid("draft", error.reason, code="template_invalid") from error
            if text is None:
                reason = _(
                    "The pack “%(pack)s” has no template for “%(variant)s” in %(language)s, and no model answered."
                )
                raise Invalid(
                    "draft",
                    reason % {"pack": self.pack.name, "variant": name, "language": self.language},
                    code="no_template",
                )
            texts[name] = text
        return texts

    def _answer_model(self, schema: type[BaseModel], texts: Mapping[str, Text]) -> BaseModel:
        return schema.model_validate(
            {
                name: {
                    "subject": text.subject,
                    "body": text.body,
                    "fact_ids": [f.id for f in self.collected.facts if _stands_in(f.value, text)],
                }
                for name, text in texts.items()
            }
        )

    def _check(self, answer: Mapping[str, Any]) -> guardrails.Report:
        return guardrails.check_written(
            self.pack,
            self.collected.all_facts,
            subject=answer.get("subject", ""),
            body=answer["body"],
            language=self.language,
            cited=answer.get("fact_ids", []),
        )

    def _written(
        self, name: str, completion: Completion[Any], answer: Mapping[str, Any], report: guardrails.Report
    ) -> Written:
        text = Text(" ".join(str(answer.get("subject", "")).split()), str(answer["body"]).strip())
        cited = set(answer.get("fact_ids", []))
        used = [f.as_json() for f in self.collected.facts if f.id in cited or _stands_in(f.value, text)]
        used += [f.as_json() for f in self.collected.left_out if f.name in self.pack.inputs.untrusted]
        said = self._judge(text, used, report, completion.interaction, name)
        return Written(name, self.language, text, tuple(cited), report, completion.interaction, tuple(used), said)

    def _written_in_thread(
        self, name: str, completion: Completion[Any], answer: Mapping[str, Any], report: guardrails.Report
    ) -> Written:
        try:
            return self._written(name, completion, answer, report)
        finally:
            connection.close()

    def _judge(
        self,
        text: Text,
        used: list[dict[str, Any]],
        report: guardrails.Report,
        interaction: Interaction,
        variant: str,
    ) -> judging.Judgement:
        offer = self.collected.trusted.get("offer", "")
        subject = judging.Subject(text, self.step.channel, self.language, offer, used)
        said = judging.judge(subject, report, trace=self.trace, parent=interaction)
        if not said.is_builtin:
            judging.record(said, interaction=interaction, variant=variant)
        return said


def collected(
    candidate: Candidate, *, sender: Sender, language: str, quotes: insights.ForDrafts | None = None
) -> Collected:
    """The facts that a text to `candidate` may use; without `quotes` none that research found."""
    return facts_of.collect(
        lead=candidate.lead,
        campaign=candidate.campaign,
        sender=sender,
        language=language,
        our_company=settings.OUTREACH.company.name,
        insights=quotes or (),
    )


def texts_before(candidate_id: int, step: Step, *, variant: str = "") -> dict[str, Text]:
    """What the step before `step` says to a candidate, by variant; empty when there is none."""
    if step.number == 1:
        return {}
    rows = Draft.objects.filter(candidate=candidate_id, step__number=step.number - 1).current().order_by("pk")
    return {row.variant: Text(row.subject, row.body) for row in (rows.filter(variant=variant) if variant else rows)}


def seed_of(candidate: Candidate, step: Step) -> str:
    """By this a person is given the same wordings each time a text is made."""
    return f"{candidate.lead_id}:{step.pk}"


def from_template(
    pack: Pack, found: Collected, *, seed: str, variant: str, language: str, before: Text | None
) -> Text | None:
    """The pack's own text without a model, as `rendering.render_template`; `before` is what the step before says."""
    return rendering.render_template(
        pack,
        language=language,
        variant=variant,
        trusted={**found.trusted, **_previous(before)},
        untrusted={name: value for name, value in found.untrusted.items() if name != "facts"},
        seed=seed,
    )


def _previous(before: Text | None) -> dict[str, str]:
    return {"previous_subject": before.subject, "previous_body": before.body} if before else {}


def _answer(output: BaseModel, variant: str) -> dict[str, Any]:
    answer = getattr(output, variant)
    return answer.model_dump() if isinstance(answer, BaseModel) else dict(answer)


def _stands_in(value: str, text: Text) -> bool:
    return len(value) > 1 and value.lower() in f"{text.subject}\n{text.body}".lower()
