"""The people of a timeline with their texts and turns: a fixed number of statements, whatever the campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from campaigns.drafts.models import DRAFT, Draft
from campaigns.journey.models import Turn
from campaigns.models import CANDIDATE, Campaign, Candidate, CandidateSender
from campaigns.steps.models import Step

_COLUMNS = (
    "campaign_id", "stage", "score", "plan_number",
    *(f"lead__{name}" for name in ("full_name", "title", "time_zone", "country", "city", "company__name")),
)  # fmt: skip
_OF_DRAFTS = (
    "candidate_id", "step_id", "state", "variant",
    *(f"message__{name}" for name in ("state", "sender_id", "sent_at", "updated_at", "scheduled_at", "priority", "attributes")),
)  # fmt: skip


@dataclass
class People:
    """The people of a timeline with all needed data: one statement each."""

    total: int
    candidates: list[Candidate]
    addresses: dict[tuple[int, str], str]
    """(lead, channel) → the primary address."""
    drafts: dict[int, list[Draft]]
    turns: dict[int, list[Turn]]
    senders: dict[tuple[int, str], int]
    """(candidate, channel) → the sender that was taken from a pool for it."""


STAGES = (*CANDIDATE.writable, "replied", "won", "lost", "excluded")
COUNT_CAP = 10_001
"""People are counted up to here: beyond it a page says “more than 10,000”."""

_ADDRESSES = """
SELECT DISTINCT ON (lead_id, channel) lead_id, channel, address FROM leads_identity
WHERE lead_id = ANY(%s) AND status <> 'invalid' ORDER BY lead_id, channel, is_primary DESC, id
"""


def people_of(campaign: Campaign, steps: Sequence[Step], most: int) -> People:
    """The best `most` people of the campaign's sequence."""
    found = _best(campaign, most)
    rows = Candidate.objects.filter(pk__in=found).select_related("lead__company").only(*_COLUMNS)
    candidates = sorted(rows, key=lambda candidate: found[candidate.pk])
    ids = [candidate.pk for candidate in candidates]
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, [[candidate.lead_id for candidate in candidates]])
        addresses = {(lead_id, channel): address for lead_id, channel, address in cursor.fetchall()}
    numbers = {step.pk: step.number for step in steps}
    drafts: dict[int, list[Draft]] = defaultdict(list)
    texts = Draft.objects.filter(candidate__in=ids).exclude(state__in=DRAFT.dropped)
    for draft in texts.select_related("message").only(*_OF_DRAFTS).order_by("-state", "variant"):
        drafts[draft.candidate_id].append(draft)
    for texts_of_one in drafts.values():
        texts_of_one.sort(key=lambda draft: numbers.get(draft.step_id, 0))
    turns: dict[int, list[Turn]] = defaultdict(list)
    for turn in Turn.objects.filter(candidate__in=ids):
        turns[turn.candidate_id].append(turn)
    total = len(candidates) if len(candidates) < most else _count(campaign)
    kept = CandidateSender.objects.filter(candidate__in=ids).values_list("candidate_id", "channel", "sender_id")
    senders = {(candidate_id, channel): sender_id for candidate_id, channel, sender_id in kept}
    return People(total, candidates, addresses, drafts, turns, senders)


def _best(campaign: Campaign, most: int) -> dict[int, int]:
    """The places of the best by their ids: the first of each stage as the index has them, whatever the campaign's size."""
    written = Q(Exists(Draft.objects.filter(candidate=OuterRef("pk"), message__isnull=False)))
    parts = [
        campaign.candidates.filter(Q() if stage in CANDIDATE.writable else written, stage=stage)
        .order_by(F("score").desc(), "pk")
        .values_list("score", "pk")[:most]
        for stage in STAGES
    ]
    found = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: (row[0] is not None, -(row[0] or 0.0), row[1]))
    return {pk: place for place, (_score, pk) in enumerate(found[:most])}


def _count(campaign: Campaign) -> int:
    """How many there are, up to `COUNT_CAP`."""
    return campaign.candidates.filter(stage__in=STAGES).order_by().values("pk")[:COUNT_CAP].count()
