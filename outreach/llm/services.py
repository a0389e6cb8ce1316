"""Ask for an answer: there always is one, and every attempt leaves a row.

The chain of a route is tried in order; passing faults are tried again within a time budget, an answer that does not
fit the schema is repaired once, a provider that keeps failing is spared, and the caller's built-in rules come last.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

import structlog
from django.conf import settings
from pydantic import BaseModel

from outreach.core import clock
from outreach.core.hashing import canonical_hash
from outreach.llm import breaker, capabilities, pricing, providers, retries, routing, spending, structured
from outreach.llm.errors import PROVIDER_FAULTS, REPAIRABLE, ModelFault
from outreach.llm.models import CachedAnswer, Interaction, Trace
from outreach.llm.providers import Answer
from outreach.llm.routing import BUILTIN, Target

Output = TypeVar("Output", bound="BaseModel | str", covariant=True)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Completion(Generic[Output]):
    """An answer and the row that records where it came from."""

    output: Output
    interaction: Interaction

    @property
    def is_builtin(self) -> bool:
        return self.interaction.provider == BUILTIN


def open_trace(
    name: str,
    *,
    campaign_id: int | None = None,
    lead_id: int | None = None,
    batch_id: int | None = None,
    session_key: str = "",
) -> Trace:
    """Start a business run."""
    return Trace.objects.create(
        name=name, campaign_id=campaign_id, lead_id=lead_id, batch_id=batch_id, session_key=session_key
    )


def close_trace(trace: Trace, error: str = "") -> None:
    """End a run; `error` says why it failed, if it did."""
    trace.finished_at = clock.now()
    trace.error = error
    trace.save(update_fields=["finished_at", "error"])


@dataclass(frozen=True)
class Call(Generic[Output]):
    """One question to a model. Without a `schema` the answer is text; `builtin` answers when no model does."""

    trace: Trace
    step: str
    route: str
    messages: list[structured.Message]
    builtin: Callable[[], Output]
    schema: type[Output] | None = None
    pack_sha: str = ""
    use_cache: bool = False
    asks_models: bool = True
    """False: `builtin` answers, whatever is connected."""
    image_urls: Sequence[str] = ()
    parent: Interaction | None = None
    """The interaction that the first attempt follows."""

    def messages_with_images(self) -> list[structured.Message]:
        parts = [{"type": "image_url", "image_url": {"url": url}} for url in self.image_urls]
        if not parts or not self.messages:
            return self.messages
        last = self.messages[-1]
        return [*self.messages[:-1], {**last, "content": [{"type": "text", "text": last["content"]}, *parts]}]


@dataclass
class _Attempts:
    """What the attempts at one call share."""

    call: Call[Any]
    messages: list[structured.Message]
    plan: routing.Plan
    deadline: float
    parent: Interaction | None
    skipped: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def schema(self) -> type[BaseModel] | None:
        return self.call.schema

    def remaining(self) -> float:
        return self.deadline - time.monotonic()

    def skip(self, target: Target, reason: str) -> None:
        self.skipped.append({"target": f"{target.provider}/{target.model}", "reason": reason})

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
        self, target: Target, *, messages: list[structured.Message], output: str = "", **columns: Any
    ) -> Interaction:
        parameters: dict[str, Any] = {}
        if target.provider != BUILTIN:
            parameters = {
                "temperature": self.plan.temperature,
                "max_output_tokens": self.plan.max_output_tokens,
                "schema": self.schema.__name__ if self.schema else "",
            }
        if self.skipped:
            parameters["skipped"] = list(self.skipped)
        if target.provider == BUILTIN and self.plan.targets:
            parameters["because"] = self.because()
        self.parent = Interaction.objects.create(
            trace=self.call.trace,
            parent=self.parent,
            step=self.call.step,
            route=self.call.route,
            provider=target.provider,
            model=target.model,
            parameters=parameters,
            pack_sha=self.call.pack_sha,
            input=messages,
            input_hash=canonical_hash(messages),
            output=output.replace("\x00", ""),
            **columns,
        )
        return self.parent


def complete(call: Call[Output]) -> Completion[Output]:
    """The answer to `call`: validated against its schema if it has one, else text. Never raises for provider faults.

    Each attempt is an `Interaction` on the call's trace; an attempt that replaces a failed one has that one as its
    parent. Do not call it inside a transaction that holds locks: it may wait for `llm.budget_seconds`.
    """
    configuration = settings.OUTREACH.llm
    attempts = _Attempts(
        call=call,
        messages=call.messages_with_images(),
        plan=routing.plan(configuration, call.route),
        deadline=time.monotonic() + configuration.budget_seconds,
        parent=call.parent,
    )
    for target in attempts.plan.targets if call.asks_models else ():
        if call.use_cache and (cached := _from_cache(attempts, target)):
            return cached
        if attempts.remaining() <= 0:
            attempts.skip(target, "time budget used up")
        elif not breaker.may_ask(target.provider, now=clock.now()):
            attempts.skip(target, "spared after repeated faults")
        elif answer := _try_target(attempts, target):
            if call.use_cache:
                _to_cache(attempts, target, answer.interaction)
            return answer
    output = call.builtin()
    text = output if isinstance(output, str) else output.model_dump_json()
    row = attempts.record(Target(BUILTIN, BUILTIN), messages=attempts.messages, output=text, latency_ms=0)
    return Completion(output, row)


def _try_target(attempts: _Attempts, target: Target) -> Completion[Any] | None:
    """Ask one model, with retries and one repair; None when it fails."""
    messages, retry_count, is_repaired = attempts.messages, 0, False
    refused = capabilities.known(target.provider, target.model)
    while True:
        outcome = _within_caps(attempts, target, messages, retry_count, refused)
        if isinstance(outcome, Completion):
            return outcome
        if outcome is None:
            return None
        attempts.faults.append(f"{target.provider}/{target.model}: {outcome.reason}")
        parameter = outcome.refused_parameter
        if parameter and parameter not in refused:
            capabilities.learn(target.provider, target.model, parameter, reason=outcome.reason)
            refused |= {parameter}
            continue
        if outcome.kind in REPAIRABLE and not is_repaired and attempts.remaining() > 0:
            messages, is_repaired = structured.repair_messages(attempts.messages, outcome), True
            continue
        wait = retries.wait_before_retry(
            outcome,
            retries=retry_count,
            remaining_seconds=attempts.remaining(),
            base_seconds=settings.OUTREACH.llm.retry_base_seconds,
            jitter=random.random(),  # noqa: S311 - spreads retries, protects nothing
        )
        if wait is None:
            return None
        time.sleep(wait)
        retry_count += 1


def _within_caps(
    attempts: _Attempts,
    target: Target,
    messages: list[structured.Message],
    retry_count: int,
    refused: frozenset[str],
) -> Completion[Any] | ModelFault | None:
    """One call, if what it may cost at most fits below the spend caps; None when it does not."""
    most = _usage(target, len(str(messages)) // 3, attempts.plan.max_output_tokens).get("cost_usd") or Decimal(0)
    reservation = spending.reserve(most, campaign_id=attempts.call.trace.campaign_id)
    if isinstance(reservation, str):
        attempts.skip(target, reservation)
        return None
    try:
        return _attempt(attempts, target, messages, retry_count, refused)
    finally:
        spending.release(reservation)


def _attempt(
    attempts: _Attempts,
    target: Target,
    messages: list[structured.Message],
    retry_count: int,
    refused: frozenset[str],
) -> Completion[Any] | ModelFault:
    """One call and its row."""
    provider = settings.OUTREACH.llm.providers[target.provider]
    started = time.monotonic()
    answer: Answer | None = None
    try:
        answer = providers.ask(
            provider,
            model=target.model,
            messages=messages,
            schema=attempts.schema,
            temperature=attempts.plan.temperature,
            max_output_tokens=attempts.plan.max_output_tokens,
            timeout_seconds=max(0.1, min(provider.timeout_seconds, attempts.remaining())),
            refused=refused,
        )
        output = structured.parse(answer.text, attempts.schema) if attempts.schema else answer.text.strip()
    except ModelFault as fault:
        _record_fault(attempts, target, messages, fault, answer, retry_count, started)
        return fault
    breaker.record_success(target.provider)
    row = attempts.record(
        target,
        messages=messages,
        output=answer.text,
        latency_ms=_milliseconds_since(started),
        retries=retry_count,
        finish_reason=answer.finish_reason,
        **_usage(target, answer.input_tokens, answer.output_tokens),
    )
    return Completion(output, row)


def _record_fault(
    attempts: _Attempts,
    target: Target,
    messages: list[structured.Message],
    fault: ModelFault,
    answer: Answer | None,
    retry_count: int,
    started: float,
) -> None:
    source = answer or fault
    if fault.kind in PROVIDER_FAULTS:
        breaker.record_failure(target.provider, fault.reason, now=clock.now())
    log.warning(
        "llm_fault", provider=target.provider, model=target.model, step=attempts.call.step, kind=fault.kind.value
    )
    attempts.record(
        target,
        messages=messages,
        output=fault.text,
        latency_ms=_milliseconds_since(started),
        retries=retry_count,
        error_class=fault.kind.value,
        error=fault.reason[:2000],
        finish_reason=source.finish_reason,
        **_usage(target, source.input_tokens, source.output_tokens),
    )


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _usage(target: Target, input_tokens: int | None, output_tokens: int | None) -> dict[str, Any]:
    if input_tokens is None or output_tokens is None:
        return {"input_tokens": input_tokens, "output_tokens": output_tokens}
    base_url = settings.OUTREACH.llm.providers[target.provider].base_url
    cost = pricing.cost_usd(
        model=target.model, base_url=base_url, input_tokens=input_tokens, output_tokens=output_tokens
    )
    return {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost_usd": cost}


def _from_cache(attempts: _Attempts, target: Target) -> Completion[Any] | None:
    """A validated answer of the same model to the same question, recorded as a separate interaction without cost."""
    row = CachedAnswer.objects.filter(key=attempts.cache_key(target), expires_at__gt=clock.now()).first()
    if row is None:
        return None
    try:
        output: Any = structured.parse(row.output, attempts.schema) if attempts.schema else row.output.strip()
    except ModelFault:
        return None
    hit = attempts.record(
        target, messages=attempts.messages, output=row.output, is_cache_hit=True, latency_ms=0, finish_reason="cache"
    )
    return Completion(output, hit)


def _to_cache(attempts: _Attempts, target: Target, interaction: Interaction) -> None:
    days = settings.OUTREACH.llm.cache_days
    if not days:
        return
    CachedAnswer.objects.update_or_create(
        key=attempts.cache_key(target),
        defaults={
            "output": interaction.output,
            "interaction": interaction,
            "expires_at": clock.now() + timedelta(days=days),
        },
    )
