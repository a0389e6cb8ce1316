"""From which sender a lead hears: the step's own, or one of a pool, always the same for one lead and channel."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.models import Campaign, Candidate, CandidateSender
from campaigns.steps.models import Step
from conversations.senders import assigning
from conversations.senders.models import Sender
from outreach.core.errors import Refused


def sender_of(candidate: Candidate, step: Step) -> Sender:
    """The sender of `step` for this candidate. From a pool it is chosen once, kept, and signs the texts.

    Whom an experiment gave a pool hears from that one in every later message, also when the sender is replaced.
    """
    if not step.pool:
        return step.first_sender
    kept = CandidateSender.objects.select_related("sender").filter(candidate=candidate, channel=step.channel).first()
    own_pool = step.own_pool or (kept.pool if kept else "")
    is_in_pool = kept is not None and (not step.own_pool or own_pool in kept.sender.tags)
    chosen = kept.sender if kept and kept.sender.is_kept and is_in_pool else _choose(candidate, step, own_pool)
    if kept is None or (kept.sender_id, kept.pool) != (chosen.pk, own_pool):
        CandidateSender.objects.update_or_create(
            candidate=candidate, channel=step.channel, defaults={"sender": chosen, "pool": own_pool}
        )
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
    rows = Sender.objects.active().filter(channel=step.channel, tags__contains=[step.pool])
    return list(rows.order_by("pk")) or [step.first_sender]


def senders_of(campaign: Campaign, steps: Iterable[Step] | None = None) -> list[Sender]:
    """Every sender that the campaign's messages may leave from, each once; `steps` where they are known."""
    known = campaign.steps.select_related("sender") if steps is None else steps
    messages = [step for step in known if not step.is_task]
    return list({sender.pk: sender for step in messages for sender in pool_of(step)}.values())


def _choose(candidate: Candidate, step: Step, own_pool: str) -> Sender:
    """Who wrote to them already, whatever its state; else by what each active sender of the pool may still send."""
    members = assigning.pool(tag=own_pool or step.pool, channel=step.channel)
    try:
        return assigning.choose_sender(lead=candidate.lead, pool=members, channel=step.channel)
    except Refused:
        return step.first_sender
