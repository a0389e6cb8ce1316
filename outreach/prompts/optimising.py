"""Better instructions for a model, found by reflection: GEPA (Agrawal et al., 2025, arXiv:2507.19457) on a pack's system part.

A model tries the pack on examples, another reads what went wrong and proposes new instructions; those that win on some
example are kept side by side. Examples are the pack's tests and what people approved, edited, rejected and answered. The
result is a new version, a candidate with its report: nothing promotes it but a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import metadata
from typing import TYPE_CHECKING, Any

import structlog
from django.db.models import Count, Sum

from outreach.core.errors import OutreachError, Refused
from outreach.core.registry import Point
from outreach.core.words import gettext as _
from outreach.llm import configured, embeddings
from outreach.llm.models import Trace
from outreach.llm.routing import BUILTIN
from outreach.llm.services import Call, close_trace, complete, open_trace
from outreach.prompts import lint, services, testing
from outreach.prompts.benchmarks import SCORERS
from outreach.prompts.models import PackVersion
from outreach.prompts.pack import Case, Pack
from outreach.prompts.parser import to_source
from outreach.prompts.rendering import pack_of

if TYPE_CHECKING:
    from gepa.core.adapter import EvaluationBatch

LEAST_EXAMPLES = 4
MOST_EXAMPLES = 60
MINIBATCH = 3
SEED = 0
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Example:
    """A case, and what people made of the text for it: the one that they let leave (`wanted`), and their words."""

    case: Case
    wanted: str = ""
    words: str = ""


EXAMPLES: Point[Callable[[Pack, int], list[Example]]] = Point("prompts.examples")
"""Given a pack and a number: examples from people's work, or none when the pack is not theirs."""


@dataclass(frozen=True)
class Budget:
    """When to stop, whatever comes first. Both count every call: trying, judging and reflecting."""

    calls: int
    usd: Decimal | None = None


def optimise(
    version: PackVersion, *, target: str, reflection: str = "", budget: Budget, seed: int = SEED
) -> tuple[PackVersion | None, dict[str, Any]]:
    """(the new version or None without an improvement, the report).

    `target` is the model that the pack is for, `reflection` the one that proposes (the same unless given). Raises
    `Refused` without models or with too few examples.
    """
    pack = pack_of(version)
    if "/" not in target:
        raise Refused(_("The optimiser needs a model: name one as provider/model."), code="no_model")
    examples = examples_of(pack)
    if len(examples) < LEAST_EXAMPLES:
        raise Refused(
            _("There are %(count)s examples; at least %(least)s are needed.")
            % {"count": len(examples), "least": LEAST_EXAMPLES},
            code="few_examples",
        )
    for name in (target, reflection or target):
        configured.known_target(name, field="target" if name == target else "reflection")
    start = components(pack)
    if not start:
        raise Refused(_("This pack has no system part that could be improved."), code="no_system_part")
    trace = open_trace("pack optimise", session_key=f"pack:{pack.name}")
    parts = split(examples)
    kept = 2 * len(parts[2]) if budget.calls >= 4 * len(parts[2]) else 0  # for the report on what was held out
    adapter = _Adapter(pack, target, trace, replace(budget, calls=budget.calls - kept))
    found = _search(adapter, start, parts, reflection=reflection or target, seed=seed)
    best, scores = dict(found.best_candidate), list(found.val_aggregate_scores)
    is_better = best != start and max(scores) > scores[0]
    report = {
        "method": f"gepa {metadata.version('gepa')}",
        "target": target,
        "reflection": reflection or target,
        "seed": seed,
        "from": version.sha,
        "examples": dict(zip(("train", "validation", "held_out"), map(len, parts), strict=True)),
        "candidates": len(scores),
        "validation": {"before": scores[0], "after": max(scores)},
    }
    if is_better and kept:
        adapter.budget = budget
        report["held_out"] = {"before": adapter.mean(parts[2], start), "after": adapter.mean(parts[2], best)}
    calls, usd = _used(trace)
    report |= {"calls": calls, "usd": str(usd), "budget": {"calls": budget.calls, "usd": str(budget.usd or "")}}
    close_trace(trace)
    return (_save(with_components(pack, best), report) if is_better else None), report


Parts = tuple[list[Example], list[Example], list[Example]]


def _search(adapter: _Adapter, start: dict[str, str], parts: Parts, *, reflection: str, seed: int) -> Any:
    """GEPA's own result. It is imported here because that takes half a second, which no page should wait for."""
    from gepa.api import optimize

    run: Any = optimize
    return run(
        seed_candidate=start,
        trainset=parts[0],
        valset=parts[1],
        adapter=adapter,
        reflection_lm=lambda prompt: adapter.reflect(reflection, prompt),
        reflection_minibatch_size=min(MINIBATCH, len(parts[0])),
        max_metric_calls=adapter.budget.calls,
        stop_callbacks=lambda _state: adapter.is_spent(),
        logger=_Logger(),
        seed=seed,
    )


def _save(pack: Pack, report: dict[str, Any]) -> PackVersion:
    saved = services.save_version(pack, source=to_source(pack), note=_("Found by the optimiser."))
    saved.report = report
    saved.save(update_fields=["report", "updated_at"])
    services.set_label(saved, services.CANDIDATE)
    return saved


def examples_of(pack: Pack) -> list[Example]:
    """The pack's tests, and what people made of its texts."""
    own = [Example(case) for case in pack.tests]
    return [*own, *(e for source in EXAMPLES.entries() for e in source(pack, MOST_EXAMPLES))][:MOST_EXAMPLES]


def split(examples: Sequence[Example]) -> Parts:
    """(to reflect on, to choose by, to report on only); the last is empty below nine examples."""
    if len(examples) < 9:
        return list(examples[::2]), list(examples[1::2]), []
    return list(examples[::3]), list(examples[1::3]), list(examples[2::3])


def components(pack: Pack) -> dict[str, str]:
    """The texts that may be changed, by name: the system parts."""
    return {_key(s.language, s.variant): s.text for s in pack.sections if s.role == "system"}


def with_components(pack: Pack, texts: Mapping[str, str]) -> Pack:
    """The pack with other system parts."""
    sections = [
        s.model_copy(update={"text": texts.get(_key(s.language, s.variant), s.text).strip()})
        if s.role == "system"
        else s
        for s in pack.sections
    ]
    return pack.model_copy(update={"sections": sections})


def _key(language: str, variant: str) -> str:
    return " ".join(part for part in ("system", language, variant) if part)


class _Adapter:
    """How GEPA tries instructions and what it is told of the outcome."""

    propose_new_texts = None

    def __init__(self, pack: Pack, target: str, trace: Trace, budget: Budget) -> None:
        self.pack, self.target, self.trace, self.budget = pack, target, trace, budget

    def evaluate(
        self, batch: list[Example], candidate: dict[str, str], capture_traces: bool = False
    ) -> EvaluationBatch[Any, Any]:
        from gepa.core.adapter import EvaluationBatch

        pack = with_components(self.pack, candidate)
        faults = [f"{f.code} {f.text}" for f in lint.lint(pack) if f.is_error and f.code != "P11"]
        told = [(0.0, "", "; ".join(faults)) if faults else self._try(pack, example) for example in batch]
        rows = [
            {"case": example.case, "answer": text, "feedback": feedback}
            for example, (_score, text, feedback) in zip(batch, told, strict=True)
        ]
        return EvaluationBatch(
            outputs=[text for _score, text, _feedback in told],
            scores=[score for score, _text, _feedback in told],
            trajectories=rows if capture_traces else None,
        )

    def make_reflective_dataset(
        self, candidate: dict[str, str], eval_batch: EvaluationBatch[Any, Any], components_to_update: list[str]
    ) -> dict[str, list[dict[str, Any]]]:
        records = [
            {
                "Inputs": "\n".join(f"{name}: {value}" for name, value in row["case"].inputs.items()),
                "Generated Outputs": row["answer"],
                "Feedback": row["feedback"] or "Good.",
            }
            for row in eval_batch.trajectories or []
        ]
        return dict.fromkeys(components_to_update, records)

    def mean(self, examples: list[Example], candidate: dict[str, str]) -> float:
        scores = self.evaluate(examples, candidate).scores
        return sum(scores) / len(scores)

    def reflect(self, model: str, prompt: Any) -> str:
        """What `model` proposes; nothing once the budget is used up."""
        if self.is_spent():
            return ""
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
        return complete(Call(self.trace, step="reflect", route=model, messages=messages, builtin=str)).output

    def is_spent(self) -> bool:
        calls, usd = _used(self.trace)
        return calls >= self.budget.calls or (self.budget.usd is not None and usd >= self.budget.usd)

    def _try(self, pack: Pack, example: Example) -> tuple[float, str, str]:
        """(0 to 1, the answer, what is wrong with it). Without budget nothing is asked, and nothing looks better for it."""
        if self.is_spent():
            return 0.0, "", "Not tried: the budget is used up."
        result = testing.result_of(pack, example.case, trace=self.trace, route=self.target)
        answer = result.answer
        if answer.is_builtin:
            return 0.0, "", result.reason or "No usable answer: it did not fit the schema."
        parts = [] if result.score is None else [result.score]
        notes = [result.reason]
        for scorer in () if self.is_spent() else SCORERS.entries():
            mark = scorer(pack, example.case, answer, self.trace)
            if mark is not None:
                parts.append(mark)
                notes.append(f"A judge's mark: {mark:.2f}.")
        if example.wanted:
            parts.append(_likeness(answer.text, example.wanted))
            notes.append(f"What a person let leave instead:\n{example.wanted}")
        notes.append(example.words)
        score = sum(parts) / len(parts) if parts else 1.0
        return score, answer.text, "\n".join(note for note in notes if note)


def _likeness(text: str, wanted: str) -> float:
    try:
        return max(0.0, min(1.0, embeddings.likeness(text, wanted)))
    except OutreachError:
        return 0.0


def _used(trace: Trace) -> tuple[int, Decimal]:
    rows = trace.interactions.exclude(provider=BUILTIN).aggregate(calls=Count("pk"), usd=Sum("cost_usd"))
    return rows["calls"], rows["usd"] or Decimal(0)


class _Logger:
    def log(self, message: str) -> None:
        logger.debug("gepa", message=message[:300])
