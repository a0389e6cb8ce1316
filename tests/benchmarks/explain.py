"""“Why is this not sent?” for one message of a conversation in a full outbox, beside the gate's own query alone."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from uuid import uuid4

from tests.benchmarks import Row

TIMES = 60


def run(scale: int) -> list[Row]:
    """`scale` messages in the outbox; the explained one is an SMS with quiet hours, the dearest kind."""
    from conversations.dispatch import gate
    from conversations.dispatch.explain import explain
    from conversations.models import Message
    from tests.benchmarks.claims import _world

    _world(max(200, scale // 8), 1_000_000)
    row = _text()
    whole = _median(lambda: explain(row))
    bare = _median(lambda: gate.examine(Message.objects.select_related("stream", "sender", "lead").get(pk=row.pk)))
    return [
        Row(
            "explain one message (beside: the gate's query alone)",
            whole,
            "ms",
            bare,
            whole / bare,
            "≤ 20 ms",
            whole <= 20,
        )
    ]


def _text():  # type: ignore[no-untyped-def]
    from conversations.outbox.models import Stream
    from conversations.planning.plans import MessagePlan
    from conversations.planning.services import plan_message
    from conversations.senders.models import Sender
    from conversations.services import conversation_for
    from leads.models import Lead
    from outreach.core import clock

    sender = Sender.objects.create(
        name=f"bench {uuid4()}", channel="sms", adapter="twilio", address="+12125550111", state="active"
    )
    lead = Lead.objects.create(full_name="Bench", country="US", region="NY")
    return plan_message(
        MessagePlan(
            conversation=conversation_for(lead=lead),
            sender=sender,
            channel="sms",
            address="+12124441234",
            body="A text. Reply STOP to opt out.",
            stream=Stream.objects.create(name="bench texts", state="active", skips_holidays=True),
            scheduled_at=clock.now(),
            approval_rule="bench",
        )
    )


def _median(act: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
