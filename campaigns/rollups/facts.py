"""Copies what is to be counted of people from the raw rows: two statements, however many they are. SQL by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from campaigns import counts
from campaigns.arms.services import MARK, TEXT
from campaigns.models import Candidate, Outcome
from campaigns.rollups.cells import ANSWERS, BITS, VALUED
from campaigns.rollups.models import Known, KnownMessage
from leads.models import Company, Lead

_MESSAGE: dict[str, str | Combinable] = {
    "message_id": "pk",
    "candidate_id": "draft__candidate",
    "at": "sent_at",
    "sender": "sender",
    "provider": "sender__adapter",
    "channel": "channel",
    "step": "draft__step__number",
    "text": Coalesce(KT(f"attributes__{TEXT}"), F("draft__step__pack_version__name")),
    "variant": "draft__variant",
    "language": "draft__language",
    "model": "draft__interaction__model",
    "reviewer": "draft__approved_by",
    "arm": KT(f"attributes__{MARK}"),
}
"""Column of `KnownMessage` → where a message has it."""
_PLAIN = ("message_id", "candidate_id", "at")
_BITS = {**BITS, "booked": BITS["booked"] | BITS["won"]}
"""Kind of outcome → what it says; a booked call wins the candidate."""

_CAME = """
SELECT {by}, bit_or(CASE kind {bits} ELSE 0 END) AS outcomes,
    coalesce(sum(round(value * 100)) FILTER (WHERE kind = 'won' OR kind = 'booked' AND NOT EXISTS (
        SELECT 1 FROM {outcome} w WHERE w.candidate_id = came.candidate_id AND w.kind = 'won' AND w.value IS NOT NULL
    )), 0)::bigint AS cents,
    {answers}
FROM {outcome} came WHERE kind = ANY(%(kinds)s) {whom} GROUP BY {by}
"""
_OUTCOMES = """
    coalesce(o.outcomes, 0) & (CASE c.stage WHEN 'won' THEN -1 ELSE {not_won} END)
    | CASE WHEN o.cents > 0 THEN {valued} ELSE 0 END{more}
"""
"""A win counts as long as it stands; of people whoever is won, of messages those that it came of."""
_PEOPLE = """
INSERT INTO {known} (candidate_id, campaign, stage, industry, country, outcomes, cents, {answered})
SELECT c.id, c.campaign_id, c.stage, coalesce(w.industry, ''), coalesce(l.country, ''),
    {outcomes}, coalesce(o.cents, 0), {answered_of}
FROM {candidate} c JOIN {lead} l ON l.id = c.lead_id LEFT JOIN {company} w ON w.id = l.company_id
LEFT JOIN ({came}) o ON o.candidate_id = c.id WHERE true {whom}
"""
_MESSAGES = """
INSERT INTO {known} ({columns}, outcomes, cents)
SELECT {values}, {outcomes}, coalesce(o.cents, 0)
FROM ({sent}) AS s ({columns}) JOIN {candidate} c ON c.id = s.candidate_id LEFT JOIN ({came}) o ON o.candidate_id = s.candidate_id AND o.message_id = s.message_id
"""


def forget(ids: Sequence[int]) -> None:
    """Keep nothing of these people."""
    KnownMessage.objects.filter(candidate_id__in=ids)._raw_delete(using=connection.alias)
    Known.objects.filter(pk__in=ids)._raw_delete(using=connection.alias)


def learn(ids: Sequence[int] | None = None) -> None:
    """Copy what is true of these people, or of everybody; nothing may be known of them yet. Who is gone stays unknown."""
    sent = counts.sent_messages()
    if ids is not None:
        sent = sent.filter(draft__candidate__in=ids)
    sql, given = sent.values_list(*_MESSAGE.values()).query.sql_with_params()
    texts = [name for name in _MESSAGE if name not in _PLAIN]
    values = ", ".join([*(f"s.{name}" for name in _PLAIN), *(f"coalesce(s.{name}::text, '')" for name in texts)])
    with connection.cursor() as cursor:
        people = _PEOPLE.format(
            known=Known._meta.db_table, candidate=Candidate._meta.db_table, lead=Lead._meta.db_table,
            company=Company._meta.db_table, came=_came("candidate_id", ids), whom=_whom("c.id", ids),
            answered=", ".join(f"{kind}_at" for kind in ANSWERS), answered_of=", ".join(f"o.{kind}_at" for kind in ANSWERS),
            outcomes=_outcomes(f" | CASE c.stage WHEN 'won' THEN {BITS['won']} ELSE 0 END"),
        )  # fmt: skip
        cursor.execute(people, _parameters(ids))
        numbered = {f"given{place}": value for place, value in enumerate(given)}
        messages = _MESSAGES.format(
            known=KnownMessage._meta.db_table, columns=", ".join(_MESSAGE), values=values,
            sent=sql % tuple(f"%({name})s" for name in numbered), came=_came("candidate_id, message_id", ids),
            candidate=Candidate._meta.db_table, outcomes=_outcomes(),
        )  # fmt: skip
        cursor.execute(messages, _parameters(ids) | numbered)


def analyse() -> None:
    """The planner knows nothing yet of what was just learned."""
    with connection.cursor() as cursor:
        for model in (Known, KnownMessage):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _came(by: str, ids: Sequence[int] | None) -> str:
    return _CAME.format(
        by=by, bits=" ".join(f"WHEN '{kind}' THEN {bit}" for kind, bit in _BITS.items()),
        outcome=Outcome._meta.db_table, whom=_whom("candidate_id", ids),
        answers=", ".join(f"min(occurred_at) FILTER (WHERE kind = '{kind}') AS {kind}_at" for kind in ANSWERS),
    )  # fmt: skip


def _outcomes(more: str = "") -> str:
    return _OUTCOMES.format(not_won=~BITS["won"], valued=VALUED, more=more)


def _whom(column: str, ids: Sequence[int] | None) -> str:
    return "" if ids is None else f"AND {column} = ANY(%(ids)s)"


def _parameters(ids: Sequence[int] | None) -> dict[str, Any]:
    return {"ids": list(ids or ()), "kinds": list(_BITS)}
