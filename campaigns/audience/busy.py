# ruff: noqa: S608  (made of this room's own texts; values are parameters)
"""Who would hear from us twice: people in another running campaign, and people who were contacted lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns.audience.eligibility import has_address
from campaigns.models import CAMPAIGN, CANDIDATE, Campaign
from conversations.consent.eligibility import suppressed_lead, ways_in_use
from leads.segments.selectors import lead_ids_query
from outreach.core import clock

SHOWN = 5
LOOKED_AT = 10_001
"""People of a list who are looked at, to tell how many are left out; larger lists are matched in the background."""
IN_ANOTHER = """EXISTS (
    SELECT 1 FROM campaigns_candidate o JOIN campaigns_campaign oc ON oc.id = o.campaign_id
    WHERE o.lead_id = m.id AND o.campaign_id <> %(busy_campaign)s AND o.stage = ANY(%(busy_stages)s)
      AND oc.state = ANY(%(busy_states)s))"""
LATELY = """EXISTS (
    SELECT 1 FROM leads_lead l WHERE l.id = m.id AND l.last_contacted_at >= %(busy_since)s)"""
IS_BUSY = f"(%(busy_counts)s AND ({IN_ANOTHER} OR {LATELY}))"
"""SQL about a row `m` of leads: left out of a campaign unless it keeps them."""
NEXT = 1_000
"""People of a live set who are looked at, to tell how many of them are left out for now."""


def is_busy(lead: str) -> str:
    """`IS_BUSY` about the lead whose id is in the column `lead`."""
    return IS_BUSY.replace("m.id", lead)


def parameters(campaign: Campaign | None) -> dict[str, Any]:
    """The parameters of `IS_BUSY` for `campaign`; None: one that is not made yet."""
    return {
        "busy_campaign": campaign.pk if campaign is not None else 0,
        "busy_counts": campaign is None or not campaign.keeps_busy,
        "busy_stages": list(CANDIDATE.engaged),
        "busy_states": list(CAMPAIGN.running),
        "busy_since": clock.now() - timedelta(days=settings.OUTREACH.preflight.recent_contact_days),
    }


@dataclass(frozen=True)
class Busy:
    """How many people would be left out, by reason; a person may count for both. `names` are the first of them."""

    total: int = 0
    in_another: int = 0
    lately: int = 0
    names: tuple[str, ...] = ()

    @property
    def others(self) -> int:
        """Those whose names are not shown."""
        return self.total - len(self.names)


def busy_among(criteria: dict[str, Any], campaign: Campaign | None = None, *, most: int = LOOKED_AT) -> Busy:
    """Who of the first `most` leads that match `criteria` would hear from us twice; one statement."""
    query, given = lead_ids_query(criteria)
    found = {**given, **parameters(campaign), "busy_counts": True, "busy_most": most}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH matching AS MATERIALIZED (SELECT id FROM ({query}) found LIMIT %(busy_most)s),
            busy AS (SELECT id, in_another, lately FROM (
                SELECT m.id, {IN_ANOTHER} AS in_another, {LATELY} AS lately FROM matching m) judged
                WHERE in_another OR lately)
            SELECT count(*), count(*) FILTER (WHERE in_another), count(*) FILTER (WHERE lately),
                ARRAY(SELECT l.full_name FROM leads_lead l JOIN busy ON busy.id = l.id
                      WHERE l.full_name <> '' ORDER BY l.id LIMIT {SHOWN})
            FROM busy
            """,
            found,
        )
        total, in_another, lately, names = cursor.fetchone()
    return Busy(total, in_another, lately, tuple(names))


@dataclass(frozen=True)
class KeptOut:
    """How many people can't be written to at all: nobody is counted twice."""

    suppressed: int = 0
    unreachable: int = 0
    """Without a usable address on the channel."""


def kept_out(criteria: dict[str, Any], *, channel: str, most: int = LOOKED_AT) -> KeptOut:
    """Who of the first `most` leads that match `criteria` would be left out of every campaign on `channel`."""
    query, given = lead_ids_query(criteria)
    suppressed = suppressed_lead("%(kept_channel)s", "m.id", ways=ways_in_use())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH matching AS MATERIALIZED (SELECT id FROM ({query}) found LIMIT %(kept_most)s)
            SELECT count(*) FILTER (WHERE is_suppressed), count(*) FILTER (WHERE NOT is_suppressed AND NOT has_address)
            FROM (SELECT {suppressed} AS is_suppressed, {has_address("%(kept_channel)s", "m.id")} AS has_address
                  FROM matching m) judged
            """,
            {**given, "kept_channel": channel, "kept_most": most},
        )
        return KeptOut(*cursor.fetchone())


def busy_candidates(campaign: Campaign, *, most: int | None = None) -> int:
    """How many of the campaign's people are in another running campaign or were contacted lately by something else;
    with `most`, how many of so many of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM (
                SELECT c.lead_id AS id FROM campaigns_candidate c
                WHERE c.campaign_id = %(busy_campaign)s AND c.stage = ANY(%(waiting)s) LIMIT %(most)s
            ) m CROSS JOIN LATERAL (SELECT {IN_ANOTHER} OR {LATELY} AS is_busy OFFSET 0) judged WHERE is_busy
            """,  # one by one along indexes, not by a set of everyone who is busy
            {**parameters(campaign), "waiting": list(CANDIDATE.not_contacted), "most": most},
        )
        return int(cursor.fetchone()[0])


def busy_in_line(campaign: Campaign) -> int:
    """How many of the next `NEXT` people of a live set are left out for now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE {is_busy("n.lead_id")}) FROM (
                SELECT m.lead_id FROM audience_livematch m WHERE m.campaign_id = %(busy_campaign)s
                ORDER BY m.rank_key DESC, m.lead_id DESC LIMIT {NEXT}
            ) n
            """,
            parameters(campaign),
        )
        return int(cursor.fetchone()[0])
