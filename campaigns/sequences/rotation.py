"""From which sender a lead hears: the step's own, or one of a pool, always the same for one lead and channel."""

from __future__ import annotations

from campaigns.models import Candidate
from campaigns.sequences.models import Step
from conversations.senders.models import Sender


def sender_of(candidate: Candidate, step: Step) -> Sender:
    """The sender of `step` for this candidate. From a pool it is chosen once, kept, and signs the texts."""
    if not step.pool:
        return step.first_sender
    kept = (candidate.senders or {}).get(step.channel)
    if kept and (row := Sender.objects.filter(pk=kept).exclude(state="stopped").first()):
        return row
    pool = pool_of(step)
    if not pool:
        return step.first_sender
    chosen = _choose(candidate, pool, step.channel)
    senders = {**(candidate.senders or {}), step.channel: chosen.pk}
    Candidate.objects.filter(pk=candidate.pk).update(senders=senders)
    candidate.senders = senders
    return chosen


def sender_id_of(candidate: Candidate, step: Step) -> int:
    """The id of `sender_of` without a query where the step has no pool."""
    if not step.pool and step.sender_id is not None:
        return step.sender_id
    return sender_of(candidate, step).pk


def pool_of(step: Step) -> list[Sender]:
    """The senders that a step may use, in the order of their ids."""
    if not step.pool:
        return [step.first_sender]
    rows = Sender.objects.filter(channel=step.channel, tags__contains=[step.pool], state="active")
    return list(rows.order_by("pk")) or [step.first_sender]


def _choose(candidate: Candidate, pool: list[Sender], channel: str) -> Sender:
    from conversations.senders import services

    choose = getattr(services, "choose_sender", None)
    if choose is not None:
        chosen: Sender = choose(lead=candidate.lead, pool=pool, channel=channel)
        return chosen
    return pool[candidate.lead_id % len(pool)]
