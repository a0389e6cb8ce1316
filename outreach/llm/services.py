"""Ask for an answer: there always is one, and every attempt leaves a row.

The chain of a route is tried in order; passing faults are tried again within a time budget, an answer that does not
fit the schema is repaired once, a provider that keeps failing is spared, and the caller's built-in rules come last.
"""

from __future__ import annotations

import random
import time
from typing import Any, TypeVar

from pydantic import BaseModel

from outreach.core import clock
from outreach.core.hashing import canonical_hash
from outreach.core.words import gettext as _
from outreach.llm import breaker, caching, capabilities, configured, known, routing, structured
from outreach.llm.attempts import Attempts, when_admitted
from outreach.llm.calls import Call, Completion
from outreach.llm.errors import PASSING, REPAIRABLE, Kind, ModelFault
from outreach.llm.known import Known
from outreach.llm.models import Interaction, Trace
from outreach.llm.routing import BUILTIN, Target

__all__ = [
    "Call",
    "Completion",
    "ask_once",
    "close_trace",
    "close_traces",
    "complete",
    "open_trace",
    "record_given",
]

MAX_RETRIES = 2
ASSISTANT = "assistant"
"""The provider of texts that a program outside handed in."""

Output = TypeVar("Output", bound="BaseModel | str", covariant=True)


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


def close_traces(traces: list[Trace]) -> None:
    """End many runs; the `error` of each is as its row has it."""
    now = clock.now()
    for trace in traces:
        trace.finished_at = now
    if failed := [trace for trace in traces if trace.error]:
        Trace.objects.bulk_update(failed, ["error"])
    Trace.objects.filter(pk__in=[trace.pk for trace in traces]).update(finished_at=now)


def close_trace(trace: Trace, error: str = "") -> None:
    """End a run; `error` says why it failed, if it did."""
    trace.finished_at = clock.now()
    trace.error = error
    trace.save(update_fields=["finished_at", "error"])


def record_given(*, trace: Trace, step: str, author: str, output: str) -> Interaction:
    """Keep a text that a program outside wrote and handed in: what it asked its model stays there, whose text it is
    stands here. `author` names the program."""
    return Interaction.objects.create(
        trace=trace,
        step=step,
        route="",
        provider=ASSISTANT,
        model=author,
        input=[],
        input_hash=canonical_hash([]),
        output=output.replace("\x00", ""),
        finish_reason="given",
    )


def ask_once(call: Call[Output], *, timeout_seconds: float) -> Completion[Output] | ModelFault:
    """One call to the model that the call's route `provider/model` names: no retries, no cache, no stand-in.

    The provider's circuit is not asked, but learns from the outcome. What the model does not take is left out.
    """
    configuration = configured.language_models()
    plan = routing.plan(configuration, call.route)
    if not plan.targets:
        return ModelFault(Kind.NOT_CONFIGURED, _("There is no provider and model “%(name)s”.") % {"name": call.route})
    deadline = time.monotonic() + timeout_seconds
    attempts = Attempts(call, configuration, plan, deadline)
    target = plan.targets[0]
    facts = known.read(target, campaign_id=call.trace.campaign_id)
    answer = _try_target(attempts, target, facts, retries_allowed=0)
    if answer is not None:
        return answer
    return attempts.last_fault or ModelFault(Kind.UNAVAILABLE, attempts.because())


def complete(call: Call[Output]) -> Completion[Output]:
    """The answer to `call`: validated against its schema if it has one, else text. Never raises for provider faults,
    but `Waiting` for a call that would rather wait.

    Each attempt is an `Interaction` on the call's trace; an attempt that replaces a failed one has that one as its
    parent. Do not call it inside a transaction that holds locks: it may wait for `llm.budget_seconds`.
    """
    with configured.held():
        return _complete(call)


def _complete(call: Call[Output]) -> Completion[Output]:
    configuration = configured.language_models()
    plan = routing.plan(configuration, call.route)
    chosen = (configuration.providers[target.provider] for target in plan.targets)
    waits = (p.timeout_seconds for p in chosen if isinstance(p, configured.Connected))  # who sets them sets no budget
    deadline = time.monotonic() + max([configuration.budget_seconds, *waits])
    attempts = Attempts(call, configuration, plan, deadline)
    for target in attempts.plan.targets if call.asks_models else ():
        if answer := (_cached_or_asked if call.use_cache else _ask_if_well)(attempts, target):
            return answer
    if call.waits and call.asks_models and (waiting := attempts.waiting(clock.now())):
        raise waiting
    output = call.builtin()
    text = output if isinstance(output, str) else output.model_dump_json()
    row = attempts.record(Target(BUILTIN, BUILTIN), messages=attempts.messages, output=text, latency_ms=0)
    return Completion(output, row)


def _cached_or_asked(attempts: Attempts, target: Target) -> Completion[Any] | None:
    """The kept answer, or a new one that is kept; of those who ask the same at once, one asks the model."""
    if cached := caching.find_or_claim(attempts, target):
        return cached
    try:
        if answer := _ask_if_well(attempts, target):
            caching.keep(attempts, target, answer.interaction)
        return answer
    finally:
        caching.release(attempts, target)


def _ask_if_well(attempts: Attempts, target: Target) -> Completion[Any] | None:
    """Ask one model unless our time is up or its provider is spared; None when there is no answer."""
    if attempts.remaining() <= 0:
        attempts.skip(target, _("the time for this answer is used up"))
        return None
    facts = known.read(target, campaign_id=attempts.call.trace.campaign_id)
    if breaker.may_ask(target.provider, facts.circuit, now=clock.now()):
        return _try_target(attempts, target, facts)
    attempts.skip(target, _("spared after repeated faults"), until=facts.circuit.opened_until)
    return None


def _try_target(
    attempts: Attempts, target: Target, facts: Known, *, retries_allowed: int = MAX_RETRIES
) -> Completion[Any] | None:
    """Ask one model, with retries and one repair; None when it fails."""
    messages, retry_count, is_repaired = attempts.messages, 0, False
    while True:
        outcome = when_admitted(attempts, target, messages, retry_count, facts)
        if isinstance(outcome, Completion):
            return outcome
        if outcome is None:
            return None
        attempts.note(target, outcome)
        parameter = outcome.refused_parameter
        if parameter and parameter not in facts.refused:
            capabilities.learn(target.provider, target.model, parameter, reason=outcome.reason)
            facts = facts.refusing(parameter)
            continue
        if outcome.kind in REPAIRABLE and not is_repaired and attempts.remaining() > 0:
            messages, is_repaired = structured.repair_messages(attempts.messages, outcome), True
            continue
        wait = _pause(attempts, outcome, retry_count)
        if outcome.kind not in PASSING or retry_count >= retries_allowed or wait >= attempts.remaining():
            return None
        time.sleep(wait)
        retry_count += 1


def _pause(attempts: Attempts, fault: ModelFault, retry_count: int) -> float:
    """Seconds before the next try: `base · 2^retries`, spread over its upper half, or what the provider asked for."""
    spread = random.uniform(0.5, 1)  # noqa: S311 - spreads retries, protects nothing
    wait: float = attempts.configuration.retry_base_seconds * 2**retry_count * spread
    return max(wait, fault.retry_after_seconds or 0.0)
