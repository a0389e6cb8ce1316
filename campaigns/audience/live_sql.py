# ruff: noqa: S608  (made of the registry's columns and this room's own texts; values are parameters)
"""The statements of live sets. Each does its work over sets of rows, whatever the number of campaigns. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from campaigns.audience.busy import is_busy
from campaigns.audience.eligibility import is_eligible
from leads.segments.ranking import ORDER, RANK

if TYPE_CHECKING:
    from conversations.consent.eligibility import Way
    from leads.segments.columns import Column

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
DELETE FROM leads_leadchange WHERE id <= (
    SELECT max(id) FROM (SELECT id FROM leads_leadchange ORDER BY id LIMIT %(batch)s) first
) RETURNING lead_id
"""
"""By a bound and not by a list of ids: statistics of a queue are always stale, and this plan does not depend on them."""

FROM = "FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id"
BEST = FROM.replace(
    "leads_lead l",
    f"(SELECT l.* FROM leads_lead l WHERE l.erased_at IS NULL ORDER BY {ORDER} LIMIT %(live_walk)s) l",
    1,
)
"""The best `live_walk` leads only."""
NOT_TAKEN = (
    "coalesce((SELECT false FROM campaigns_candidate k WHERE k.lead_id = l.id AND k.campaign_id = %(live_campaign)s"
    " AND k.stage <> 'evicted' LIMIT 1), true)"
)


STORED = "SELECT campaign_id, lead_id, rank_key FROM audience_livematch WHERE lead_id = ANY(%(ids)s)"
CANDIDATES = """
SELECT id, campaign_id, lead_id, stage FROM campaigns_candidate WHERE lead_id = ANY(%(ids)s) AND stage <> 'evicted'
"""


def read(columns: Sequence[Column], channels: Sequence[str], *, ways: Collection[Way]) -> tuple[str, dict[str, Any]]:
    """Id, rank, whether reachable on each channel, and the columns that criteria ask about; and their parameters."""
    parts = ["l.id", RANK, *(is_eligible(f"'{channel}'", ways=ways) for channel in channels)]
    parameters: dict[str, Any] = {}
    for number, column in enumerate(columns):
        names = [f"c{number}_{place}" for place in range(len(column.parameters))]
        parts.append(column.sql % tuple(f"%({name})s" for name in names) if names else column.sql)
        values = (list(value) if isinstance(value, tuple) else value for value in column.parameters)
        parameters.update(zip(names, values, strict=True))
    listed = f"SELECT {', '.join(parts)} {FROM} WHERE l.id = ANY(%(ids)s) AND l.erased_at IS NULL ORDER BY l.id"
    return listed, parameters


def share(predicate: str) -> str:
    """Of the best `live_walk` leads, how many match."""
    return f"SELECT count(*) {BEST} WHERE {predicate}"


def match(predicate: str, eligible: str, *, is_broad: bool, is_walk: bool = False) -> str:
    """The set becomes the best `live_limit` of all leads that match, or of the best `live_walk` leads: differences are written.

    Who matches is found first and who of them can be written to after it, best first until there are enough: the
    planner counts every condition for every row, so that conditions that look something up would make it flee from
    the cheapest way. The best of broad criteria are met soon in the order of the rank; others are found by what they
    ask and ordered then (left to the planner, the slowest of twelve sets took 8 s and not 2.5 s at a million leads).
    Returns rows in, out, moved, how many are in the set, and the lowest rank and lead.
    """
    source = BEST if is_walk else FROM
    order = ORDER if is_broad or is_walk else f"{RANK} + 0 DESC, l.id DESC"  # an expression that no index has
    return f"""
WITH kept AS MATERIALIZED (
    SELECT l.id AS lead_id, l.rank_key FROM (
        SELECT l.id, {RANK} AS rank_key {source} WHERE l.erased_at IS NULL AND ({predicate}) ORDER BY {order} OFFSET 0
    ) l WHERE {eligible} AND {NOT_TAKEN} LIMIT %(live_limit)s
),
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
SELECT (SELECT count(*) FROM put WHERE is_new), (SELECT count(*) FROM gone), (SELECT count(*) FROM put WHERE NOT is_new),
    (SELECT count(*) FROM kept), last.rank_key, last.lead_id
FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT rank_key, lead_id FROM kept ORDER BY rank_key, lead_id LIMIT 1
) last ON true
"""


WALKED_TO = f"""
SELECT {RANK}, l.id FROM leads_lead l WHERE l.erased_at IS NULL ORDER BY {ORDER} OFFSET %(walk)s - 1 LIMIT 1
"""
"""The last of the best `walk` leads; no row when there are fewer."""


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
    RETURNING m.campaign_id
),
put AS (
    INSERT INTO audience_livematch (campaign_id, lead_id, rank_key)
    SELECT * FROM unnest(%(put_campaign)s::bigint[], %(put_lead)s::bigint[], %(put_rank)s::int[]) w (campaign_id, lead_id, rank_key)
    ORDER BY lead_id, campaign_id
    ON CONFLICT (lead_id, campaign_id) DO UPDATE SET rank_key = EXCLUDED.rank_key
    RETURNING campaign_id, (xmax = 0) AS is_new
),
evicted AS (
    UPDATE campaigns_candidate k SET stage = 'evicted', stage_reason = %(gone)s, updated_at = %(now)s
    WHERE k.id = ANY(%(evict)s::bigint[]) AND k.stage IN ('matched', 'shortlisted', 'qualified')
    RETURNING k.campaign_id
),
changed AS (
    SELECT campaign_id, sum(entered) AS entered, sum(gone) AS gone, sum(evicted) AS evicted FROM (
        SELECT campaign_id, is_new::int AS entered, 0 AS gone, 0 AS evicted FROM put
        UNION ALL SELECT campaign_id, 0, 1, 0 FROM gone
        UNION ALL SELECT campaign_id, 0, 0, 1 FROM evicted
    ) one GROUP BY campaign_id
),
counted AS (
    UPDATE audience_liveset s SET size = s.size + d.entered - d.gone, entered_count = s.entered_count + d.entered,
        left_count = s.left_count + d.gone, evicted_count = s.evicted_count + d.evicted,
        needs_match = s.needs_match OR (s.floor_rank IS NOT NULL AND s.size + d.entered - d.gone < %(low)s)
    FROM changed d WHERE s.campaign_id = d.campaign_id
    RETURNING s.size, s.needs_match
)
SELECT (SELECT count(*) FROM put WHERE is_new), (SELECT count(*) FROM gone), (SELECT count(*) FROM put WHERE NOT is_new),
    (SELECT count(*) FROM evicted), count(*) FILTER (WHERE size > %(most)s), count(*) FILTER (WHERE needs_match)
FROM counted
"""
"""The differences of one batch, all campaigns at once; what was written, and how many sets are too long or too short now.

Rows are written lead by lead, so that the next change of a lead finds all of its rows on a page or two.
"""


_BY_RANK = f"""
SELECT m.lead_id, m.rank_key FROM audience_livematch m WHERE m.campaign_id = %(campaign)s AND NOT {is_busy("m.lead_id")}
ORDER BY m.rank_key DESC, m.lead_id DESC LIMIT %(limit)s
"""


def best(extra: str = "") -> str:
    """The best of a set as (lead, score): by its index, or with what a lead gets on top of its rank (`extra`, SQL).
    Those who would hear from us twice stay in the set and are passed over for now.

    Whoever ranks more than `spread` days below the last of the best by rank cannot get among the best, so that only
    a range of the index is looked at, at most `window` leads.
    """
    if not extra:
        return _BY_RANK
    return f"""
SELECT w.lead_id, w.rank_key + round(({extra})::numeric)::int AS rank_key FROM (
    SELECT m.lead_id, m.rank_key FROM audience_livematch m
    WHERE m.campaign_id = %(campaign)s AND NOT {is_busy("m.lead_id")} AND m.rank_key >= coalesce((
        SELECT e.rank_key - ceil(%(spread)s)::int FROM audience_livematch e
        WHERE e.campaign_id = %(campaign)s AND NOT {is_busy("e.lead_id")}
        ORDER BY e.rank_key DESC, e.lead_id DESC OFFSET %(limit)s - 1 LIMIT 1
    ), -2147483648)
    ORDER BY m.rank_key DESC, m.lead_id DESC LIMIT %(window)s
) w JOIN leads_lead l ON l.id = w.lead_id LEFT JOIN leads_company c ON c.id = l.company_id
ORDER BY 2 DESC, 1 DESC LIMIT %(limit)s
"""


def take(channel: str, extra: str = "") -> str:
    """The best of a set become candidates and leave it; who was erased or opted out a moment ago only leaves it."""
    return f"""
WITH best AS MATERIALIZED ({best(extra)}),
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
