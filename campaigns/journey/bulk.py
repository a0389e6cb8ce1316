"""Hand over the first messages of a whole campaign, hundreds at a time. Special cases go one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.arms import services as arms
from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey import advancing
from campaigns.journey.leaving import ACTOR
from campaigns.journey.timeline import first_due
from campaigns.models import CANDIDATE, Campaign, Candidate
from campaigns.predictions import services as predictions
from campaigns.steps.files import enclosures_of
from campaigns.steps.models import Step
from conversations.outbox.content import content_hash
from conversations.planning.plans import MessagePlan
from conversations.planning.services import plan_messages
from conversations.senders.models import SENDER, Sender
from leads.models import Channel, Lead
from outreach.core import audit, clock
from outreach.core.inserting import by_index_only

BATCH = 500
AHEAD = 20_000
"""Candidates looked up at once, so that a campaign of any size takes little memory."""


def waiting(campaign: Campaign) -> QuerySet[Draft]:
    """Approved first messages of the campaign that are not handed over."""
    return Draft.objects.filter(
        candidate__campaign=campaign,
        candidate__stage=CANDIDATE.APPROVED,
        step__number=1,
        state=DRAFT.APPROVED,
        message=None,
    )


def hand_over_first(campaign: Campaign, *, candidate_ids: Sequence[int] | None = None) -> Iterator[tuple[int, int]]:
    """Plan the first messages, of all or of `candidate_ids` in that order; yields (processed so far, planned now).

    Without `candidate_ids` a campaign that follows predictions begins with the most promising, else with the first.
    """
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
    guide = predictions.guide_of(campaign)
    while ids := _waiting_after(campaign, step, after):
        after = ids[-1]
        if guide is not None:
            ids = guide.ordered(ids)
        for start in range(0, len(ids), BATCH):
            chunk = ids[start : start + BATCH]
            done += len(chunk)
            yield done, _hand_over(campaign, step, chunk)
        if len(ids) < AHEAD:
            return


_WAITING = """
SELECT c.id FROM campaigns_candidate c
WHERE c.campaign_id = %s AND c.stage = 'approved' AND c.id > %s
  AND (SELECT true FROM drafts_draft d
       WHERE d.candidate_id = c.id AND d.step_id = %s AND d.state = 'approved' AND d.message_id IS NULL LIMIT 1)
ORDER BY c.id LIMIT %s
"""
"""Texts are looked up candidate by candidate (a scalar subquery is never joined), whatever a planner believes."""


def _waiting_after(campaign: Campaign, step: Step, after: int) -> list[int]:
    """The next candidates with a first message that waits, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [campaign.pk, after, step.pk, AHEAD])
        return [pk for (pk,) in cursor.fetchall()]


def _hand_over(campaign: Campaign, step: Step, candidate_ids: list[int]) -> int:
    is_simple = (
        step.channel == Channel.EMAIL
        and not enclosures_of(step)
        and not (
            campaign.is_stopped_by_company
            and Candidate.objects.filter(campaign=campaign, stage__in=CANDIDATE.answered).exists()
        )
    )
    planned, odd = _plan_batch(campaign, step, candidate_ids) if is_simple else (0, candidate_ids)
    return planned + sum(advancing.advance(candidate_id) is not None for candidate_id in odd)


@dataclass(frozen=True, slots=True)
class _Row:
    """A candidate with its approved text, under both their locks."""

    candidate_id: int
    kept_sender_id: int | None
    draft_id: int
    language: str
    subject: str
    body: str
    approved_hash: str
    interaction_id: UUID
    approved_by_id: int | None
    approval_rule: str
    address: str
    lead: Lead


_LEAD = ("id", "company_id", "time_zone", "country", "region", "city", "erased_at")
"""What planning asks about a lead."""
_ROWS = """
SELECT c.id,
    (SELECT k.sender_id FROM campaigns_candidatesender k WHERE k.candidate_id = c.id AND k.channel = %(channel)s),
    d.id, d.language, d.subject, d.body, d.approved_hash, d.interaction_id,
    d.approved_by_id,
    coalesce((SELECT r.name FROM drafts_approvalrule r WHERE r.id = d.approval_rule_id), ''),
    coalesce((
        SELECT i.address FROM leads_identity i
        WHERE i.lead_id = c.lead_id AND i.channel = %(channel)s AND i.status <> 'invalid'
        ORDER BY i.is_primary DESC, i.id LIMIT 1
    ), ''),
    l.id, l.company_id, l.time_zone, l.country, l.region, l.city, l.erased_at
FROM campaigns_candidate c
JOIN drafts_draft d ON d.candidate_id = c.id AND d.step_id = %(step)s AND d.state = 'approved' AND d.message_id IS NULL
JOIN leads_lead l ON l.id = c.lead_id
WHERE c.id = ANY(%(candidates)s) AND c.stage = 'approved'
ORDER BY c.id
FOR NO KEY UPDATE OF c FOR UPDATE OF d
"""


def _rows(step: Step, candidate_ids: list[int]) -> dict[int, _Row]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"channel": step.channel, "step": step.pk, "candidates": candidate_ids})
        found: list[_Row] = []
        for pk, kept, *rest in cursor.fetchall():
            texts: list[Any] = rest[: -len(_LEAD)]
            lead = Lead(**dict(zip(_LEAD, rest[-len(_LEAD) :], strict=True)))
            found.append(_Row(pk, kept, *texts, lead))  # type: ignore[call-arg]
    return {row.candidate_id: row for row in found}


def _senders(step: Step, rows: Iterable[_Row]) -> dict[int, Sender]:
    """The senders that may write now, by candidate; one that has yet to be chosen from a pool is missing."""
    if not step.pool:
        return {row.candidate_id: step.first_sender for row in rows}
    kept = {row.candidate_id: row.kept_sender_id for row in rows}
    known = Sender.objects.filter(state__in=SENDER.kept).in_bulk({pk for pk in kept.values() if pk})
    return {candidate_id: known[pk] for candidate_id, pk in kept.items() if pk in known}


@transaction.atomic
def _plan_batch(campaign: Campaign, step: Step, candidate_ids: list[int]) -> tuple[int, list[int]]:
    """Plan what is plain; (how many, the candidates that need a closer look)."""
    if not Campaign.objects.sending().filter(pk=campaign.pk).exists():
        return 0, []
    by_index_only()
    rows = _rows(step, candidate_ids)
    senders = _senders(step, rows.values())
    people = [Candidate(pk=row.candidate_id, campaign=campaign, lead=row.lead) for row in rows.values()]
    changed = arms.steps_to_send([step], people)
    due = first_due(start_at=campaign.start_at, now=clock.now())
    guide = predictions.guide_of(campaign)
    chosen: list[tuple[_Row, MessagePlan]] = []
    odd: list[int] = []
    for candidate_id in candidate_ids:
        row, sender = rows.get(candidate_id), senders.get(candidate_id)
        if row is None:
            continue
        if sender is None or not _is_as_approved(row, sender, step):
            odd.append(candidate_id)
            continue
        theirs = changed.get((candidate_id, step.pk), step)
        plan = MessagePlan(
            stream=campaign.stream,
            lead=row.lead,
            sender=sender,
            channel=step.channel,
            address=row.address,
            subject=row.subject,
            body=row.body,
            scheduled_at=due if guide is None else advancing.proposed(guide, due, row.lead, theirs, row.candidate_id),
            language=row.language,
            interaction_id=row.interaction_id,
            approved_by_id=row.approved_by_id,
            approval_rule=row.approval_rule,
            attributes=arms.marks_of(theirs),
        )
        chosen.append((row, plan))
    outcomes = plan_messages([plan for _row, plan in chosen])
    planned = [(row.draft_id, pk) for (row, _plan), pk in zip(chosen, outcomes, strict=True) if isinstance(pk, int)]
    odd += [row.candidate_id for (row, _plan), pk in zip(chosen, outcomes, strict=True) if not isinstance(pk, int)]
    _mark(planned)
    begun = {draft_id for draft_id, _pk in planned}
    predictions.note(campaign, {row.candidate_id: row.lead.pk for row, _plan in chosen if row.draft_id in begun})
    return len(planned), odd


def _is_as_approved(row: _Row, sender: Sender, step: Step) -> bool:
    """As in `advancing`, of a step without files."""
    return row.approved_hash == content_hash(
        channel=step.channel,
        sender_id=sender.pk,
        address=row.address,
        subject=row.subject,
        body=row.body,
        body_html="",
    )


def _mark(planned: list[tuple[int, int]]) -> None:
    """The drafts are handed over, each with its message and its audit row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE drafts_draft d SET state = 'handed_over', message_id = p.message_id, updated_at = %s"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS p(draft_id, message_id)"
            " WHERE d.id = p.draft_id AND d.state = 'approved'",
            [clock.now(), [draft_id for draft_id, _pk in planned], [pk for _draft_id, pk in planned]],
        )
    audit.record_alike(
        "draft.handed_over",
        model=Draft,
        ids=[draft_id for draft_id, _pk in planned],
        actor=ACTOR,
        data={"from": "approved", "to": "handed_over"},
    )
