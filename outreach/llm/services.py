"""Ask for an answer: there always is one, and every attempt leaves a row.

The chain of a route is tried in order; passing faults are tried again within a time budget, an answer that does not
fit the schema is repaired once, a provider that keeps failing is spared, and the caller's built-in rules come last.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar, overload

import structlog
from django.conf import settings
from pydantic import BaseModel

from outreach.core import clock
from outreach.core.hashing import canonical_hash
from outreach.llm import breaker, pricing, providers, retries, routing, structured
from outreach.llm.errors import PROVIDER_FAULTS, REPAIRABLE, ModelFault
from outreach.llm.models import CachedAnswer, Interaction, Trace
from outreach.llm.providers import Answer
from outreach.llm.routing import BUILTIN, Target

Output = TypeVar("Output", bound="BaseModel | str", covariant=True)
Structure = TypeVar("Structure", bound=BaseModel)
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


@dataclass
class _Call:
    """One question with everything that its attempts share."""

    trace: Trace
    step: str
    route: str
    messages: list[structured.Message]
    schema: type[BaseModel] | None
    pack_sha: str
    plan: routing.Plan
    deadline: float
    parent: Interaction | None
    skipped: list[dict[str, str]] = field(default_factory=list)

    def remaining(self) -> float:
        return self.deadline - time.monotonic()

    def cache_key(self, target: Target) -> str:
        return canonical_hash(
            {
                "provider": target.provider,
                "model": target.model,
                "messages": self.messages,
                "schema": structured.strict_schema(self.schema) if self.schema else None,
                "pack_sha": self.pack_sha,
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
        self.parent = Interaction.objects.create(
            trace=self.trace,
            parent=self.parent,
            step=self.step,
            route=self.route,
            provider=target.provider,
            model=target.model,
            parameters=parameters,
            pack_sha=self.pack_sha,
            input=messages,
            input_hash=canonical_hash(messages),
            output=output.replace("\x00", ""),
            **columns,
        )
        return self.parent


@overload
def complete(
    *,
    trace: Trace,
    step: str,
    route: str,
    messages: list[structured.Message],
    schema: type[Structure],
    builtin: Callable[[], Structure],
    pack_sha: str = "",
    use_cache: bool = False,
    image_urls: Sequence[str] = (),
    parent: Interaction | None = None,
) -> Completion[Structure]: ...


@overload
def complete(
    *,
    trace: Trace,
    step: str,
    route: str,
    messages: list[structured.Message],
    schema: None = None,
    builtin: Callable[[], str],
    pack_sha: str = "",
    use_cache: bool = False,
    image_urls: Sequence[str] = (),
    parent: Interaction | None = None,
) -> Completion[str]: ...


def complete(
    *,
    trace: Trace,
    step: str,
    route: str,
    messages: list[structured.Message],
    schema: type[BaseModel] | None = None,
    builtin: Callable[[], BaseModel | str],
    pack_sha: str = "",
    use_cache: bool = False,
    image_urls: Sequence[str] = (),
    parent: Interaction | None = None,
) -> Completion[Any]:
    """The answer to `messages`: validated against `schema` when given, else text. Never raises for provider faults.

    Each attempt is an `Interaction` on `trace`; an attempt that replaces a failed one has that one as its parent, the
    first has `parent`. Do not call it inside a transaction that holds locks: it may wait for `llm.budget_seconds`.
    """
    configuration = settings.OUTREACH.llm
    call = _Call(
        trace=trace,
        step=step,
        route=route,
        messages=_with_images(messages, image_urls),
        schema=schema,
        pack_sha=pack_sha,
        plan=routing.plan(configuration, route),
        deadline=time.monotonic() + configuration.budget_seconds,
        parent=parent,
    )
    for target in call.plan.targets:
        if use_cache and (cached := _from_cache(call, target)):
            return cached
        if call.remaining() <= 0:
            call.skipped.append({"target": f"{target.provider}/{target.model}", "reason": "time budget used up"})
        elif not breaker.may_ask(target.provider, now=clock.now()):
            call.skipped.append(
                {"target": f"{target.provider}/{target.model}", "reason": "spared after repeated faults"}
            )
        elif answer := _try_target(call, target):
            if use_cache:
                _to_cache(call, target, answer.interaction)
            return answer
    output = builtin()
    text = output if isinstance(output, str) else output.model_dump_json()
    return Completion(output, call.record(Target(BUILTIN, BUILTIN), messages=call.messages, output=text, latency_ms=0))


def _with_images(messages: list[structured.Message], image_urls: Iterable[str]) -> list[structured.Message]:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in image_urls]
    if not parts or not messages:
        return messages
    last = messages[-1]
    return [*messages[:-1], {**last, "content": [{"type": "text", "text": last["content"]}, *parts]}]


def _try_target(call: _Call, target: Target) -> Completion[Any] | None:
    """Ask one model, with retries and one repair; None when it fails."""
    messages, retry_count, is_repaired = call.messages, 0, False
    while True:
        outcome = _attempt(call, target, messages, retry_count)
        if isinstance(outcome, Completion):
            return outcome
        if outcome.kind in REPAIRABLE and not is_repaired and call.remaining() > 0:
            messages, is_repaired = structured.repair_messages(call.messages, outcome), True
            continue
        wait = retries.wait_before_retry(
            outcome,
            retries=retry_count,
            remaining_seconds=call.remaining(),
            base_seconds=settings.OUTREACH.llm.retry_base_seconds,
            jitter=random.random(),  # noqa: S311 - spreads retries, protects nothing
        )
        if wait is None:
            return None
        time.sleep(wait)
        retry_count += 1


def _attempt(
    call: _Call, target: Target, messages: list[structured.Message], retry_count: int
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
            schema=call.schema,
            temperature=call.plan.temperature,
            max_output_tokens=call.plan.max_output_tokens,
            timeout_seconds=max(0.1, min(provider.timeout_seconds, call.remaining())),
        )
        output = structured.parse(answer.text, call.schema) if call.schema else answer.text.strip()
    except ModelFault as fault:
        _record_fault(call, target, messages, fault, answer, retry_count, started)
        return fault
    breaker.record_success(target.provider)
    row = call.record(
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
    call: _Call,
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
    log.warning("llm_fault", provider=target.provider, model=target.model, step=call.step, kind=fault.kind.value)
    call.record(
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


def _from_cache(call: _Call, target: Target) -> Completion[Any] | None:
    """A validated answer of the same model to the same question, recorded as a separate interaction without cost."""
    row = CachedAnswer.objects.filter(key=call.cache_key(target), expires_at__gt=clock.now()).first()
    if row is None:
        return None
    try:
        output: Any = structured.parse(row.output, call.schema) if call.schema else row.output.strip()
    except ModelFault:
        return None
    hit = call.record(
        target, messages=call.messages, output=row.output, is_cache_hit=True, latency_ms=0, finish_reason="cache"
    )
    return Completion(output, hit)


def _to_cache(call: _Call, target: Target, interaction: Interaction) -> None:
    days = settings.OUTREACH.llm.cache_days
    if not days:
        return
    CachedAnswer.objects.update_or_create(
        key=call.cache_key(target),
        defaults={
            "output": interaction.output,
            "interaction": interaction,
            "expires_at": clock.now() + timedelta(days=days),
        },
    )
