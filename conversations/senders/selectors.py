"""Reads over senders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations.senders import policy
from conversations.senders.models import Sender
from outreach.limits import windows
from outreach.limits.models import Allowance


@dataclass(frozen=True)
class Budget:
    """How much of one cap is used."""

    span: str
    used: int
    cap: int


@dataclass(frozen=True)
class SenderRow:
    sender: Sender
    budgets: list[Budget]


def sender_rows(now: datetime) -> list[SenderRow]:
    """All senders with what they used of their caps; two queries."""
    senders = list(Sender.objects.all())
    rows = Allowance.objects.filter(key__in=[policy.allowance_key(sender.pk) for sender in senders])
    usages = {row.key: row.usage for row in rows}
    return [
        SenderRow(sender, budgets(sender, usages.get(policy.allowance_key(sender.pk), {}), now)) for sender in senders
    ]


def budgets(sender: Sender, usage: windows.Usage, now: datetime) -> list[Budget]:
    """What `usage` means against the caps of `sender`."""
    return [
        Budget(span.name, windows.used(usage, span, now), cap) for span, cap in policy.limits(sender, usage, now).caps()
    ]
