"""Hand the first messages of a whole campaign over, hundreds at a time. What is not plain goes the usual way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.drafts.models import Draft
from campaigns.enclosures.selectors import enclosures_of
from campaigns.models import Campaign, Candidate
from campaigns.sequences import services
from campaigns.sequences.companies import ANSWERED
from campaigns.sequences.models import Step
from campaigns.sequences.rotation import sender_of
from campaigns.sequences.timeline import first_due
from conversations.delivery.bulk import Item, plan_messages
from conversations.models import Message
from leads.models import Channel
from outreach.core import clock
from outreach.core.models import AuditEntry

BATCH = 500


def waiting(campaign: Campaign) -> QuerySet[Draft]:
    """Approved first messages of the campaign that are not handed over."""
    return Draft.objects.filter(
        candidate__campaign=campaign, candidate__stage="approved", step__number=1, state="approved", message=None
    )


def hand_over_first(campaign: Campaign, *, candidate_ids: Sequence[int] | None = None) -> Iterator[tuple[int, int]]:
    """Plan the first messages, of all or of `candidate_ids` in that order; yields (looked at so far, planned now)."""
    step = campaign.steps.select_related("sender", "pack_version").order_by("number").first()
    if step is None or step.is_task:
        return
    done = 0
    if candidate_ids is not None:
        for start in range(0, len(candidate_ids), BATCH):
            chunk = list(candidate_ids[start : start + BATCH])
            done += len(chunk)
            yield done, _hand_over(campaign, step, chunk)
        return
    after = 0
    while True:
        rows = waiting(campaign).filter(candidate__gt=after).order_by("candidate_id")
        chunk = list(rows.values_list("candidate_id", flat=True)[:BATCH])
        if not chunk:
            return
        after, done = chunk[-1], done + len(chunk)
        yield done, _hand_over(campaign, step, chunk)


def _hand_over(campaign: Campaign, step: Step, candidate_ids: list[int]) -> int:
    is_simple = (
        step.channel == Channel.EMAIL
        and not enclosures_of(step)
        and not (
            campaign.is_stopped_by_company and Candidate.objects.filter(campaign=campaign, stage__in=ANSWERED).exists()
        )
    )
    planned, odd = _plan_batch(campaign, step, candidate_ids) if is_simple else (0, candidate_ids)
    return planned + sum(services.advance(candidate_id) is not None for candidate_id in odd)


@transaction.atomic
def _plan_batch(campaign: Campaign, step: Step, candidate_ids: list[int]) -> tuple[int, list[int]]:
    """Plan what is plain; (how many, the candidates that need a closer look)."""
    if not Campaign.objects.filter(pk=campaign.pk, state="sending").exists():
        return 0, []
    rows = Candidate.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=candidate_ids, stage="approved")
    candidates = {
        row.pk: row for row in rows.select_related("lead").prefetch_related("lead__identities").order_by("pk")
    }
    drafts = {
        draft.candidate_id: draft
        for draft in Draft.objects.select_for_update(of=("self",))
        .filter(candidate__in=candidates, step=step, state="approved", message=None)
        .select_related("approved_by", "approval_rule")
        .order_by("pk")
    }
    now = clock.now()
    due = first_due(start_at=campaign.start_at, now=now)
    chosen: list[tuple[Draft, Item]] = []
    odd: list[int] = []
    for candidate_id in candidate_ids:
        draft, candidate = drafts.get(candidate_id), candidates.get(candidate_id)
        if draft is None or candidate is None:
            continue
        if not services.is_as_approved(draft, candidate, step):
            odd.append(candidate_id)
            continue
        item = Item(
            lead=candidate.lead,
            sender=sender_of(candidate, step),
            channel=step.channel,
            address=candidate.lead.address(step.channel),
            subject=draft.subject,
            body=draft.body,
            scheduled_at=due,
            language=draft.language,
            interaction_id=draft.interaction_id,
            approved_by=draft.approved_by,
            approval_rule=draft.approval_rule.name if draft.approval_rule else "",
            attributes=services.attributes(campaign, candidate, draft, step),
        )
        chosen.append((draft, item))
    messages = plan_messages(stream=campaign.stream, items=[item for _draft, item in chosen])
    pairs = [(draft, message) for (draft, _item), message in zip(chosen, messages, strict=True) if message is not None]
    odd += [draft.candidate_id for (draft, _item), message in zip(chosen, messages, strict=True) if message is None]
    _mark(pairs)
    return len(pairs), odd


def _mark(pairs: list[tuple[Draft, Message]]) -> None:
    """The drafts are handed over, each with its message and its audit row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE drafts_draft d SET state = 'handed_over', message_id = p.message_id, updated_at = %s"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS p(draft_id, message_id)"
            " WHERE d.id = p.draft_id AND d.state = 'approved'",
            [clock.now(), [draft.pk for draft, _message in pairs], [message.pk for _draft, message in pairs]],
        )
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action="draft.handed_over",
            subject_type=Draft._meta.label,
            subject_id=str(draft.pk),
            actor_kind=services.ACTOR.kind,
            actor_name=services.ACTOR.name,
            user_id=services.ACTOR.user_id,
            data={"from": "approved", "to": "handed_over"},
        )
        for draft, _message in pairs
    )
