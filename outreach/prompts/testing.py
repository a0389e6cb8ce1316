"""Run a pack on cases: its own tests, samples, real leads; with its built-in stand-in or with a model.

Nothing is stored but the record of each call, and for tests an evaluation of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import Max
from pydantic import BaseModel

from outreach.core.errors import Invalid, OutreachError
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.llm import configured, embeddings
from outreach.llm.models import Evaluation, Interaction, Trace
from outreach.llm.purposes import PURPOSES
from outreach.llm.routing import BUILTIN
from outreach.llm.services import Call, Completion, close_trace, complete, open_trace
from outreach.prompts import assertions, lint, rendering
from outreach.prompts.assertions import Outcome
from outreach.prompts.pack import Assertion, Case, Pack
from outreach.prompts.untrusted import for_prompt

JUDGE_ROUTE = "judge"
BY_TESTS = "tests"
NEEDS_MODEL = "This pack has no template, so only a model can answer."
SIMILAR = 0.75
"""Least cosine of two texts that count as similar, unless the test says otherwise: promptfoo's own default."""


@dataclass(frozen=True)
class StandIn:
    """What answers for one pack without a model, and the shape of the answer that the product really asks for."""

    pack: str
    schema: type[BaseModel] | None = None
    answer: Callable[[Case], BaseModel] | None = None


@dataclass(frozen=True)
class Sample:
    """A case taken from the product's own data, under a name that a person knows it by."""

    label: str
    case: Case


STAND_INS: Point[StandIn] = Point("prompts.stand_ins")
SAMPLES: Point[Callable[[Pack, int], list[Sample]]] = Point("prompts.samples")
"""Given a pack and a number: real cases for it, or none when it is not theirs."""


@dataclass(frozen=True)
class Answer:
    """What a pack made of one case. `problem` says why there is no text."""

    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    prompt: str = ""
    interaction: Interaction | None = None
    problem: str = ""
    needs_model: bool = False
    subject: str = ""
    body: str = ""

    @property
    def trace_id(self) -> UUID | None:
        return self.interaction.trace_id if self.interaction else None

    @property
    def is_builtin(self) -> bool:
        return self.interaction is None or self.interaction.provider == BUILTIN


@dataclass(frozen=True)
class Result:
    """What came of one test."""

    case: Case
    answer: Answer
    outcomes: tuple[tuple[Assertion, Outcome], ...] = ()

    @property
    def is_passed(self) -> bool | None:
        """None when nothing could be told."""
        if self.answer.problem:
            return False
        told = [outcome.is_passed for _, outcome in self.outcomes if outcome.is_passed is not None]
        return all(told) if told else (None if self.answer.needs_model or self.outcomes else True)

    @property
    def label(self) -> str:
        return {True: "passed", False: "failed", None: "skipped"}[self.is_passed]

    @property
    def reason(self) -> str:
        if self.answer.problem:
            return self.answer.problem
        found = [outcome.reason for _, outcome in self.outcomes if outcome.is_passed is not True]
        return "; ".join(reason for reason in [NEEDS_MODEL if self.answer.needs_model else "", *found] if reason)

    @property
    def score(self) -> float | None:
        told = [outcome.is_passed for _, outcome in self.outcomes if outcome.is_passed is not None]
        return sum(told) / len(told) if told else None


def stand_in(pack: Pack) -> StandIn:
    return next((entry for entry in STAND_INS.entries() if entry.pack == pack.name), StandIn(pack.name))


def misfits(pack: Pack) -> list[lint.Finding]:
    """Fields that the product asks this pack's answer for, and the pack does not declare, or the other way round."""
    schema = stand_in(pack).schema
    if schema is None:
        return []
    wanted, declared = set(schema.model_fields), set(pack.output)
    told = [(name, "the product needs it in the answer") for name in sorted(wanted - declared)]
    told += [(name, "the product does not read it") for name in sorted(declared - wanted)]
    return [lint.Finding("P13", 1, f"output: “{name}”: {reason}.") for name, reason in told]


def findings(pack: Pack) -> list[lint.Finding]:
    """Everything that is wrong with a pack, or odd about it."""
    return [*misfits(pack), *lint.lint(pack)]


def samples(pack: Pack, most: int = 5) -> list[Sample]:
    """Real cases for a pack, from the rooms that use it."""
    return [sample for source in SAMPLES.entries() for sample in source(pack, most)][:most]


def ask(pack: Pack, case: Case, *, trace: Trace, route: str = BUILTIN, step: str = "test") -> Answer:
    """What `pack` makes of `case`; never raises for a pack that does not fit its inputs."""
    variant = case.variant or next(iter(pack.variants), "")
    trusted, outside = pack.given(case.inputs)
    try:
        prompt = rendering.render(pack, language=case.language, variant=variant, trusted=trusted, untrusted=outside)
    except OutreachError as error:
        return Answer(problem=error.reason)
    shown = "\n\n".join(str(message["content"]) for message in prompt.messages)
    replacement = stand_in(pack)
    schema = replacement.schema or prompt.schema
    try:
        completion: Completion[Any] = complete(
            Call(
                trace=trace,
                step=step,
                route=route,
                messages=prompt.messages,
                schema=schema,
                builtin=lambda: _without_model(pack, case, variant, schema, replacement),
                pack_sha=pack.sha(),
            )
        )
    except OutreachError as error:
        return Answer(prompt=shown, problem=error.reason)
    return _answer(completion, shown)


def _answer(completion: Completion[Any], prompt: str) -> Answer:
    output = completion.output
    if isinstance(output, str):
        is_missing = completion.is_builtin and not output
        return Answer(output, {}, prompt, completion.interaction, needs_model=is_missing, body=output)
    fields = output.model_dump(mode="json")
    subject, body = str(fields.get("subject") or ""), fields.get("body")
    text = f"{subject}\n{body}".strip() if isinstance(body, str) else output.model_dump_json(indent=2)
    return Answer(text, fields, prompt, completion.interaction, subject=subject, body=body or "")


def _without_model(
    pack: Pack, case: Case, variant: str, schema: type[BaseModel] | None, replacement: StandIn
) -> BaseModel | str:
    if replacement.answer is not None:
        return replacement.answer(case)
    trusted, outside = pack.given(case.inputs)
    text = rendering.render_template(
        pack, language=case.language, variant=variant, trusted=trusted, untrusted=outside, seed=case.name
    )
    if text is None:
        return ""
    if schema is None:
        return f"{text.subject}\n{text.body}".strip()
    empty: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "list": []}
    values = {name: empty[part.type] for name, part in pack.output.items()}
    return schema.model_validate({**values, "subject": text.subject, "body": text.body})


def result_of(pack: Pack, case: Case, *, trace: Trace, route: str = BUILTIN) -> Result:
    """One test, recorded as a call only. What rules wrote because the chosen model did not answer passes nothing."""
    answer = ask(pack, case, trace=trace, route=route)
    if "/" in route and answer.is_builtin and answer.interaction is not None:
        because = answer.interaction.parameters.get("because") or _("no model answered")
        answer = replace(answer, problem=because)
    told = [a for a in case.asserts if a.of == "prompt" or not (answer.needs_model or answer.problem)]
    return Result(case, answer, tuple((a, _outcome(a, answer, trace)) for a in told))


def run_case(pack: Pack, case: Case, *, trace: Trace, route: str = BUILTIN) -> Result:
    """One test, recorded as an evaluation of its call."""
    result = result_of(pack, case, trace=trace, route=route)
    if result.answer.interaction is not None:
        Evaluation.objects.create(
            interaction=result.answer.interaction,
            name=f"test:{case.name}",
            score=result.score,
            label=result.label,
            reason=result.reason[:2_000],
            judge=BY_TESTS,
        )
    return result


def run_tests(pack: Pack, *, route: str = BUILTIN) -> list[Result]:
    """All tests of a pack on one trace. Raises `Invalid` for a model or route that there is not."""
    if "/" in route:
        configured.known_target(route, field="target")
    elif route not in {BUILTIN, *PURPOSES}:
        known = ", ".join(PURPOSES)
        raise Invalid("target", _("Unknown purpose “%(route)s”. Use one of: %(known)s.") % {"route": route, "known": known})  # fmt: skip
    trace = open_trace("pack test", session_key=f"pack:{pack.name}")
    results = [run_case(pack, case, trace=trace, route=route) for case in pack.tests]
    close_trace(trace)
    return results


def latest_results(sha: str) -> list[Evaluation]:
    """The newest evaluation of each test of one version, by name."""
    rows = Evaluation.objects.filter(judge=BY_TESTS, interaction__pack_sha=sha)
    newest = rows.values("name").annotate(newest=Max("pk")).values("newest")
    return list(rows.filter(pk__in=newest).select_related("interaction").order_by("name"))


def _outcome(assertion: Assertion, answer: Answer, trace: Trace) -> Outcome:
    text = answer.prompt if assertion.of == "prompt" else answer.text
    if assertion.field:
        text = assertions.field_text(answer.fields, assertion.field)
    if assertion.kind == "similar":
        return _similar(assertion, text)
    if assertion.kind == "llm-rubric":
        return _rubric(assertion, text, trace)
    row = answer.interaction
    return assertions.check(
        assertion, text, cost_usd=row.cost_usd if row else None, latency_ms=row.latency_ms if row else None
    )


def _similar(assertion: Assertion, text: str) -> Outcome:
    try:
        found = embeddings.likeness(text, assertion.words[0])
    except OutreachError as error:
        return Outcome(None, error.reason)
    least = assertion.threshold if assertion.threshold is not None else SIMILAR
    return assertions.settled(assertion, found >= least, f"similarity {found:.2f}, {least:.2f} wanted")


class Rubric(BaseModel):
    """A model's word on whether a text meets what was asked of it."""

    reason: str
    score: float
    passed: bool


def _rubric(assertion: Assertion, text: str, trace: Trace) -> Outcome:
    """A model's word; without one nothing can be told."""
    question = (
        "You check whether a text meets a criterion. Give a short reason, a score from 0 to 1, and whether it passes. "
        + rendering.DATA_RULE
    )
    messages = [
        {"role": "system", "content": question},
        {"role": "user", "content": f"Criterion: {assertion.words[0]}\n\n{for_prompt('text', text)}"},
    ]
    answer = complete(
        Call(
            trace=trace,
            step="judge",
            route=JUDGE_ROUTE,
            messages=messages,
            schema=Rubric,
            builtin=lambda: Rubric(reason="", score=0, passed=False),
        )
    )
    if answer.is_builtin:
        return Outcome(None, "llm-rubric needs a model for the route “judge”")
    found = answer.output
    holds = found.score >= assertion.threshold if assertion.threshold is not None else found.passed
    return assertions.settled(assertion, holds, found.reason[:500])


def summary(results: Iterable[Result]) -> dict[str, int]:
    """How many passed, failed and were skipped."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for result in results:
        counts[result.label] += 1
    return counts
