"""One call to one model, within the caps, with its row; and what the attempts at one question share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import BaseModel

from outreach.configuration import LanguageModels
from outreach.core import clock
from outreach.core.hashing import canonical_hash
from outreach.llm import admission, breaker, limiting, masking, pricing, providers, routing, structured
from outreach.llm.adapters.base import Answer, Question
from outreach.llm.calls import Call, Completion
from outreach.llm.errors import PROVIDER_FAULTS, WORTH_WAITING, Held, Kind, ModelFault, Tokens, Waiting
from outreach.llm.known import Known
from outreach.llm.models import Interaction
from outreach.llm.routing import BUILTIN, Target

LEAST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)
"""A cap may be raised and a key be renewed meanwhile."""
log = structlog.get_logger(__name__)


@dataclass
class Attempts:
    """What the attempts at one call share."""

    call: Call[Any]
    configuration: LanguageModels
    plan: routing.Plan
    deadline: float
    skipped: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    last_fault: ModelFault | None = None
    last_kinds: dict[Target, Kind] = field(default_factory=dict)
    answer_text: str = ""
    """The last answer as it came, whatever traces keep of it."""
    until: list[datetime] = field(default_factory=list)
    """When what held a target back will be over."""

    def __post_init__(self) -> None:
        self.messages = self.call.messages_with_images()
        self.parent = self.call.parent

    @property
    def schema(self) -> type[BaseModel] | None:
        return self.call.schema

    def remaining(self) -> float:
        return self.deadline - time.monotonic()

    def skip(self, target: Target, reason: str, *, until: datetime | None = None) -> None:
        if until is not None:
            self.until.append(until)
        self.skipped.append({"target": target.name, "reason": reason})

    def note(self, target: Target, fault: ModelFault) -> None:
        self.faults.append(f"{target.name}: {fault.reason}")
        self.last_fault = fault
        self.last_kinds[target] = fault.kind

    def waiting(self, now: datetime) -> Waiting | None:
        """Why this question had better wait than be answered by rules; None when waiting would not help."""
        if not self.plan.targets or any(kind not in WORTH_WAITING for kind in self.last_kinds.values()):
            return None
        wait = min(self.until, default=now + LEAST_WAIT) - now
        return Waiting(self.because(), after=min(max(wait, LEAST_WAIT), LONGEST_WAIT))

    def because(self) -> str:
        """Why no model answered, in one line: the last fault or reason of each target."""
        reasons = [f"{skip['target']}: {skip['reason']}" for skip in self.skipped]
        return "; ".join([*self.faults[-1:], *reasons])[:500]

    def cache_key(self, target: Target) -> str:
        return canonical_hash(
            {
                "provider": target.provider,
                "model": target.model,
                "messages": self.messages,
                "schema": structured.strict_schema(self.schema) if self.schema else None,
                "pack_sha": self.call.pack_sha,
                "temperature": self.plan.temperature,
                "max_output_tokens": self.plan.max_output_tokens,
            }
        )

    def record(
        self,
        target: Target,
        *,
        messages: list[structured.Message],
        output: str = "",
        tokens: Tokens | None = None,
        **columns: Any,
    ) -> Interaction:
        parameters: dict[str, Any] = {}
        if target.provider != BUILTIN:
            parameters = {
                "temperature": self.plan.temperature,
                "max_output_tokens": self.plan.max_output_tokens,
                "schema": self.schema.__name__ if self.schema else "",
            }
        if tokens is not None:
            columns |= _usage(self, target, tokens)
            if tokens.read or tokens.written:
                parameters["prompt_cache"] = {"read": tokens.read, "written": tokens.written}
        if self.skipped:
            parameters["skipped"] = list(self.skipped)
        if target.provider == BUILTIN and self.plan.targets:
            parameters["because"] = self.because()
        texts = masking.kept(
            masking.Texts(messages, output.replace("\x00", ""), columns.pop("error", "")),
            lead_id=self.call.lead_id or self.call.trace.lead_id,
        )
        self.parent = Interaction.objects.create(
            trace=self.call.trace,
            campaign_id=self.call.trace.campaign_id,
            parent=self.parent,
            step=self.call.step,
            route=self.call.route,
            provider=target.provider,
            model=target.model,
            parameters=parameters,
            pack_sha=self.call.pack_sha,
            input=texts.messages,
            input_hash=canonical_hash(messages),
            output=texts.output,
            error=texts.error,
            has_texts=texts.are_kept,
            **columns,
        )
        return self.parent


def when_admitted(
    attempts: Attempts,
    target: Target,
    messages: list[structured.Message],
    retry_count: int,
    facts: Known,
) -> Completion[Any] | ModelFault | None:
    """One call, once caps and limits let it out; None when they do not within our patience."""
    provider = attempts.configuration.providers[target.provider]
    most = Tokens(len(str(messages)) // 3, attempts.plan.max_output_tokens)
    wanted = admission.Wanted(
        target,
        provider,
        amount_usd=_usage(attempts, target, most)["cost_usd"],
        tokens=(most.input or 0) + (most.output or 0),
        seconds=provider.timeout_seconds,
        campaign_id=attempts.call.trace.campaign_id,
        known=facts,
    )
    started = time.monotonic()
    outcome = admission.admit(wanted, patience=admission.PATIENCE if attempts.call.waits else admission.SHORT_PATIENCE)
    if isinstance(outcome, Held):
        attempts.skip(target, outcome.reason, until=outcome.until)
        return None
    attempts.deadline += time.monotonic() - started
    answer: Completion[Any] | ModelFault | None = None
    try:
        answer = _attempt(attempts, target, messages, retry_count, facts.refused)
    finally:
        limiting.learn(target, facts, answer if isinstance(answer, ModelFault) else None, now=clock.now())
        row = answer.interaction if isinstance(answer, Completion) else attempts.parent
        used = (row.input_tokens or 0) + (row.output_tokens or 0) if row else 0
        admission.finish(outcome, used_tokens=used or None)
    return answer


def _attempt(
    attempts: Attempts,
    target: Target,
    messages: list[structured.Message],
    retry_count: int,
    refused: frozenset[str],
) -> Completion[Any] | ModelFault:
    """One call and its row."""
    provider = attempts.configuration.providers[target.provider]
    started = time.monotonic()
    answer: Answer | None = None
    fault: ModelFault | None = None
    try:
        answer = providers.ask(
            provider,
            Question(
                model=target.model,
                messages=messages,
                schema=attempts.schema,
                temperature=attempts.plan.temperature,
                max_output_tokens=attempts.plan.max_output_tokens,
                timeout_seconds=max(0.1, min(provider.timeout_seconds, attempts.remaining())),
                refused=refused,
            ),
        )
        output = structured.parse(answer.text, attempts.schema) if attempts.schema else answer.text.strip()
        attempts.answer_text = answer.text
        breaker.record_success(target.provider)
    except ModelFault as error:
        fault = error
        if fault.kind in PROVIDER_FAULTS:
            breaker.record_failure(target.provider, fault.reason, now=clock.now())
        names = {"provider": target.provider, "model": target.model, "step": attempts.call.step}
        log.warning("llm_fault", kind=fault.kind.value, **names)
    said = answer or fault
    assert said is not None
    row = attempts.record(
        target,
        messages=messages,
        output=(fault or said).text,
        latency_ms=int((time.monotonic() - started) * 1000),
        retries=retry_count,
        finish_reason=said.finish_reason,
        tokens=said.tokens,
        error_class=fault.kind.value if fault else "",
        error=fault.reason[:2000] if fault else "",
    )
    return fault or Completion(output, row)


def _usage(attempts: Attempts, target: Target, tokens: Tokens) -> dict[str, Any]:
    used: dict[str, Any] = {"input_tokens": tokens.input, "output_tokens": tokens.output}
    if tokens.input is None or tokens.output is None:
        return used
    provider = attempts.configuration.providers[target.provider]
    return used | {"cost_usd": pricing.cost_usd(model=target.model, provider=provider, tokens=tokens)}
