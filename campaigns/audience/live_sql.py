# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""The statements of live sets. Each does its work over sets of rows, whatever the number of campaigns. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from campaigns.audience.eligibility import is_eligible
from leads.segments.ranking import ORDER, RANK

if TYPE_CHECKING:
    from leads.segments.columns import Column

EVICTABLE = ("matched", "shortlisted", "qualified")
"""Stages of candidates that have no draft yet."""

OUT_OF_STEP = """
SELECT coalesce(wanted.campaign_id, s.campaign_id), wanted.segment_version_id, wanted.channel
FROM (
    SELECT c.id AS campaign_id, c.segment_version_id,
        (SELECT step.channel FROM steps_step step WHERE step.campaign_id = c.id ORDER BY step.number LIMIT 1) AS channel
    FROM campaigns_campaign c WHERE c.mode = 'daily' AND c.state = ANY(%(states)s)
) wanted
FULL JOIN audience_liveset s ON s.campaign_id = wanted.campaign_id
WHERE (wanted.campaign_id IS NULL OR wanted.channel IS NOT NULL)
  AND (s.campaign_id IS NULL OR (s.segment_version_id, s.channel) IS DISTINCT FROM (wanted.segment_version_id, wanted.channel))
"""
"""Campaigns whose set is missing, of another version or channel, or (version NULL) no longer wanted."""

TAKE = """
DELETE FROM segments_leadchange WHERE id <= (
    SELECT max(id) FROM (SELECT id FROM segments_leadchange ORDER BY id LIMIT %(batch)s) first
) RETURNING lead_id
"""
"""By a bound and not by a list of ids: statistics of a queue are always stale, and this plan does not depend on them."""

MARK = "SELECT coalesce((SELECT edition FROM audience_livefeed WHERE id = 1), 0)"
"""The edition in force."""

FROM = "FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
NOT_TAKEN = (
    "coalesce((SELECT false FROM campaigns_candidate k WHERE k.lead_id = l.id AND k.campaign_id = %(live_campaign)s"
    " AND k.stage <> 'evicted' LIMIT 1), true)"
)


def selected(columns: Sequence[Column]) -> tuple[list[str], dict[str, str]]:
    """SQL of the columns that criteria ask about, and its parameters by name."""
    parts: list[str] = []
    parameters: dict[str, str] = {}
    for number, column in enumerate(columns):
        names = [f"c{number}_{place}" for place in range(len(column.parameters))]
        parts.append(column.sql % tuple(f"%({name})s" for name in names) if names else column.sql)
        parameters.update(zip(names, column.parameters, strict=True))
    return parts, parameters


def take_few(columns: Sequence[Column], channels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Takes changes out of the feed; the leads with all that decides about them, and each row how many were taken.

    One snapshot: a change stands in the feed from its own transaction on, so whoever sees it there sees the lead too.
    """
    parts, parameters = selected(columns)
    what = ", ".join(["l.id", RANK, *(is_eligible(f"'{channel}'") for channel in channels), *parts])
    matches = "FROM audience_livematch m WHERE m.lead_id = f.lead_id ORDER BY m.campaign_id"
    candidates = "FROM campaigns_candidate k WHERE k.lead_id = f.lead_id AND k.stage <> 'evicted' ORDER BY k.id"
    return (
        f"""
WITH taken AS MATERIALIZED ({TAKE.strip()})
SELECT f.lead_id, {what},
    ARRAY(SELECT m.campaign_id {matches}), ARRAY(SELECT m.rank_key {matches}),
    ARRAY(SELECT k.id {candidates}), ARRAY(SELECT k.campaign_id {candidates}), ARRAY(SELECT k.stage {candidates}),
    (SELECT count(*) FROM taken), ({MARK})
FROM (SELECT DISTINCT lead_id FROM taken) f
LEFT JOIN leads_lead l ON l.id = f.lead_id AND l.erased_at IS NULL LEFT JOIN leads_company c ON c.id = l.company_id
ORDER BY f.lead_id
""",
        parameters,
    )


def walk(predicate: str, eligible: str) -> str:
    """The next best `live_chunk` leads below (`live_rank`, `live_lead`): who of them belongs in the set, best or not.

    Returns their ids and ranks, how many leads were looked at, and the rank and id of the last of them.
    """
    return f"""
WITH walked AS MATERIALIZED (
    SELECT l.id, l.rank_key, ({predicate}) IS TRUE AS is_met FROM (
        SELECT l.*, {RANK} AS rank_key FROM leads_lead l
        WHERE l.erased_at IS NULL AND ({RANK}, l.id) < (%(live_rank)s, %(live_lead)s) ORDER BY {ORDER} LIMIT %(live_chunk)s
    ) l LEFT JOIN leads_company c ON c.id = l.company_id
),
wanted AS (SELECT l.id, l.rank_key FROM walked l WHERE l.is_met AND {eligible} AND {NOT_TAKEN})
SELECT array(SELECT id FROM wanted ORDER BY id), array(SELECT rank_key FROM wanted ORDER BY id),
    (SELECT count(*) FROM walked), last.rank_key, last.id
FROM (VALUES (1)) one LEFT JOIN LATERAL (SELECT w.rank_key, w.id FROM walked w ORDER BY w.rank_key, w.id LIMIT 1) last ON true
"""


_WRITE = """
gone AS (
    DELETE FROM audience_livematch m WHERE m.campaign_id = %(live_campaign)s
    AND NOT EXISTS (SELECT 1 FROM kept w WHERE w.lead_id = m.lead_id) RETURNING 1
),
put AS (
    INSERT INTO audience_livematch (lead_id, campaign_id, rank_key)
    SELECT w.lead_id, %(live_campaign)s, w.rank_key FROM kept w
    LEFT JOIN audience_livematch m ON m.lead_id = w.lead_id AND m.campaign_id = %(live_campaign)s
    WHERE m.rank_key IS DISTINCT FROM w.rank_key
    ON CONFLICT (lead_id, campaign_id) DO UPDATE SET rank_key = EXCLUDED.rank_key
    RETURNING (xmax = 0) AS is_new
)
SELECT (SELECT count(*) FROM put WHERE is_new), (SELECT count(*) FROM gone), (SELECT count(*) FROM put WHERE NOT is_new)"""
"""The set becomes `kept` (lead_id, rank_key): what differs is written, and how many came in, went out and moved."""

REPLACE = f"""
WITH kept AS MATERIALIZED (
    SELECT * FROM unnest(%(live_leads)s::bigint[], %(live_ranks)s::int[]) k (lead_id, rank_key)
),
{_WRITE.strip()}
"""
"""The set becomes the leads given."""


def share(predicate: str) -> str:
    """Of the best `live_chunk` leads, how many match."""
    return f"""
SELECT count(*) FROM (
    SELECT l.* FROM leads_lead l WHERE l.erased_at IS NULL ORDER BY {ORDER} LIMIT %(live_chunk)s
) l LEFT JOIN leads_company c ON c.id = l.company_id WHERE {predicate}
"""


def match(predicate: str, eligible: str, *, is_broad: bool) -> str:
    """The best of all leads that match: writes the differences to the stored set.

    Those of broad criteria are met soon on a walk in the order of the rank. Others are found by what they ask and then
    ordered: each step of a walk is a page of the table, which the planner takes for cheaper than it is.

    Who matches is found first and who of them can be written to after it: the planner counts every condition for every
    row, so that conditions that look something up would make it flee from the cheapest way. Returns rows in,
    out, moved, found, the lowest rank and lead kept, and how many match (up to `live_reach`).
    """
    order = ORDER if is_broad else f"{RANK} + 0 DESC, l.id DESC"  # an expression that no index has
    return f"""
WITH matching AS MATERIALIZED (
    SELECT l.id, {RANK} AS rank_key {FROM} WHERE l.erased_at IS NULL AND ({predicate})
    ORDER BY {order} LIMIT %(live_reach)s
),
wanted AS MATERIALIZED (
    SELECT l.id AS lead_id, l.rank_key FROM matching l WHERE {eligible} AND {NOT_TAKEN}
    ORDER BY l.rank_key DESC, l.id DESC LIMIT %(live_limit)s
),
numbered AS (SELECT w.*, row_number() OVER (ORDER BY rank_key DESC, lead_id DESC) AS place FROM wanted w),
kept AS MATERIALIZED (SELECT lead_id, rank_key FROM numbered WHERE place < %(live_limit)s),
{_WRITE.strip()},
    (SELECT count(*) FROM wanted), last.rank_key, last.lead_id, (SELECT count(*) FROM matching)
FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT rank_key, lead_id FROM kept ORDER BY rank_key, lead_id LIMIT 1
) last ON true
"""


def evict(predicate: str, eligible: str) -> str:
    """Candidates without a draft whose leads the criteria do not hold for (any more)."""
    return f"""
UPDATE campaigns_candidate k
SET stage = 'evicted', stage_reason = %(live_gone)s, updated_at = %(live_now)s
WHERE k.campaign_id = %(live_campaign)s AND k.stage IN ('matched', 'shortlisted', 'qualified') AND k.id > %(live_keeps)s
  AND NOT EXISTS (
    SELECT 1 {FROM} WHERE l.id = k.lead_id AND l.erased_at IS NULL AND ({predicate}) AND {eligible}
  )
"""


TRIM_ONE = """
DELETE FROM audience_livematch
WHERE campaign_id = %(campaign)s AND (rank_key, lead_id) < (%(rank)s, %(lead)s)
"""

TRIM = """
WITH floors AS (
    SELECT s.id, s.campaign_id, f.rank_key, f.lead_id FROM audience_liveset s CROSS JOIN LATERAL (
        SELECT m.rank_key, m.lead_id FROM audience_livematch m WHERE m.campaign_id = s.campaign_id
        ORDER BY m.rank_key DESC, m.lead_id DESC OFFSET %(cap)s - 1 LIMIT 1
    ) f WHERE s.size > %(most)s
),
gone AS (
    DELETE FROM audience_livematch m USING floors f
    WHERE m.campaign_id = f.campaign_id AND (m.rank_key, m.lead_id) < (f.rank_key, f.lead_id)
)
UPDATE audience_liveset s SET size = %(cap)s, floor_rank = f.rank_key, floor_lead = f.lead_id
FROM floors f WHERE f.id = s.id
"""
"""Sets that grew beyond the cap, cut back to it; their floors rise to the last one kept."""

APPLY = """
WITH gone AS (
    DELETE FROM audience_livematch m
    USING unnest(%(left_campaign)s::bigint[], %(left_lead)s::bigint[]) g (campaign_id, lead_id)
    WHERE m.campaign_id = g.campaign_id AND m.lead_id = g.lead_id
),
put AS (
    INSERT INTO audience_livematch (campaign_id, lead_id, rank_key)
    SELECT * FROM unnest(%(put_campaign)s::bigint[], %(put_lead)s::bigint[], %(put_rank)s::int[])
    ON CONFLICT (lead_id, campaign_id) DO UPDATE SET rank_key = EXCLUDED.rank_key
),
evicted AS (
    UPDATE campaigns_candidate k SET stage = 'evicted', stage_reason = %(gone)s, updated_at = %(now)s
    WHERE k.id = ANY(%(evict)s::bigint[]) AND k.stage IN ('matched', 'shortlisted', 'qualified')
    RETURNING k.campaign_id
),
counted AS (
    UPDATE audience_liveset s SET size = s.size + d.entered - d.gone, entered_count = s.entered_count + d.entered,
        left_count = s.left_count + d.gone,
        evicted_count = s.evicted_count + (SELECT count(*) FROM evicted e WHERE e.campaign_id = s.campaign_id),
        needs_match = s.needs_match OR (s.floor_rank IS NOT NULL AND s.size + d.entered - d.gone < %(low)s)
    FROM unnest(%(count_campaign)s::bigint[], %(count_entered)s::int[], %(count_left)s::int[]) d (campaign_id, entered, gone)
    WHERE s.campaign_id = d.campaign_id
    RETURNING s.size, s.needs_match
)
SELECT count(*) FILTER (WHERE size > %(most)s), count(*) FILTER (WHERE needs_match), (SELECT count(*) FROM evicted)
FROM counted
"""
"""The differences of one batch, all campaigns at once; how many sets are too long now, too short, candidates taken out."""


def shortlist() -> str:
    """The best of a set, by its index."""
    return """
SELECT m.lead_id, m.rank_key FROM audience_livematch m WHERE m.campaign_id = %(campaign)s
ORDER BY m.rank_key DESC, m.lead_id DESC LIMIT %(limit)s
"""


def take(channel: str) -> str:
    """The best of a set become candidates and leave it; who was erased or opted out a moment ago only leaves it."""
    return f"""
WITH best AS MATERIALIZED (
    SELECT m.lead_id, m.rank_key FROM audience_livematch m WHERE m.campaign_id = %(campaign)s
    ORDER BY m.rank_key DESC, m.lead_id DESC LIMIT %(limit)s
),
gone AS (
    DELETE FROM audience_livematch m USING best b WHERE m.campaign_id = %(campaign)s AND m.lead_id = b.lead_id
    RETURNING 1
),
put AS (
    INSERT INTO campaigns_candidate (campaign_id, lead_id, stage, stage_reason, problem, created_at, updated_at)
    SELECT %(campaign)s, l.id, %(stage)s, %(reason)s, '', %(now)s, %(now)s
    FROM best b JOIN leads_lead l ON l.id = b.lead_id AND l.erased_at IS NULL
    WHERE {is_eligible(f"'{channel}'")} ORDER BY b.rank_key DESC, b.lead_id DESC
    ON CONFLICT (campaign_id, lead_id) DO UPDATE
        SET stage = EXCLUDED.stage, stage_reason = EXCLUDED.stage_reason, updated_at = EXCLUDED.updated_at
        WHERE campaigns_candidate.stage = 'evicted'
    RETURNING id
),
counted AS (
    UPDATE audience_liveset s SET size = s.size - (SELECT count(*) FROM gone),
        needs_match = s.needs_match OR (s.floor_rank IS NOT NULL AND s.size - (SELECT count(*) FROM gone) < %(low)s)
    WHERE s.campaign_id = %(campaign)s
)
SELECT (SELECT count(*) FROM gone), array(SELECT id FROM put)
"""
