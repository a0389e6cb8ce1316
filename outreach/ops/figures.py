"""Numbers that rooms contribute: each is one statement, shown to Prometheus and on the operations page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from outreach.core.registry import Point
from outreach.core.states import Text


@dataclass(frozen=True)
class Figure:
    """`sql` selects the values of `labels` and a number. `title` shows it on the operations page, in `words` for the
    values where they are not words by themselves."""

    name: str
    help: str
    labels: tuple[str, ...]
    sql: str
    title: Text = ""
    words: Callable[[str], Text] = str


FIGURES: Point[Figure] = Point("figures")
"""What each wing measures."""


def rows(figure: Figure) -> list[tuple[tuple[str, ...], float]]:
    """(label values, number) now."""
    with connection.cursor() as cursor:
        cursor.execute(figure.sql)
        return [(tuple(str(value) for value in values), float(number)) for *values, number in cursor.fetchall()]


FLOOR = [
    Figure(
        "outreach_queue_items",
        "Wake-ups by lane and condition",
        ("lane", "condition"),
        "SELECT lane, CASE WHEN is_dead THEN 'dead' WHEN locked_until > now() THEN 'running'"
        " WHEN run_at > now() THEN 'delayed' ELSE 'due' END, count(*) FROM jobs_queueitem GROUP BY 1, 2",
    ),
    Figure(
        "outreach_queue_wait_seconds",
        "Age of the oldest wake-up that is due, by lane",
        ("lane",),
        "SELECT lane, extract(epoch FROM now() - min(run_at)) FROM jobs_queueitem"
        " WHERE NOT is_dead AND run_at <= now() AND locked_until IS NULL GROUP BY 1",
    ),
    Figure(
        "outreach_jobs",
        "Jobs of the last day by state",
        ("state",),
        "SELECT state, count(*) FROM jobs_job WHERE created_at > now() - interval '1 day' GROUP BY 1",
    ),
    Figure(
        "outreach_event_deliveries_pending",
        "Event deliveries that wait",
        (),
        "SELECT count(*) FROM events_delivery WHERE done_at IS NULL",
    ),
    Figure(
        "outreach_webhook_deliveries",
        "Outgoing webhook deliveries of the last day by state",
        ("state",),
        "SELECT state, count(*) FROM webhooks_delivery WHERE created_at > now() - interval '1 day' GROUP BY 1",
    ),
    Figure(
        "outreach_llm_calls",
        "Calls of language models in the last hour by provider and outcome",
        ("provider", "outcome"),
        "SELECT provider, CASE WHEN is_cache_hit THEN 'cached' WHEN error_class <> '' THEN 'failed' ELSE 'answered' END,"
        " count(*) FROM llm_interaction WHERE created_at > now() - interval '1 hour' GROUP BY 1, 2",
    ),
    Figure(
        "outreach_llm_cost_usd",
        "Cost of language models today (UTC) by provider",
        ("provider",),
        "SELECT provider, coalesce(sum(cost_usd), 0) FROM llm_interaction"
        " WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' GROUP BY 1",
    ),
    Figure("outreach_database_bytes", "Size of the database", (), "SELECT pg_database_size(current_database())"),
]
