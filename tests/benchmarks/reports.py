"""Reports beside the same numbers counted from the raw rows, over `scale` × 50 messages with what came of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client

from campaigns.models import Campaign
from campaigns.reports import selectors
from campaigns.reports.kept import Kept
from campaigns.reports.lines import Asked, midnight
from campaigns.reports.raw import Raw
from campaigns.rollups import services
from campaigns.rollups.models import Change, DayCount, Known, Zone
from campaigns.steps.models import Step
from conversations.models import Message
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.benchmarks import Row, _world
from tests.benchmarks.segments import _insert
from tests.campaigns.factories import make_user

CAMPAIGNS, STEPS, DAYS = 40, 3, 365
TIMES = 20
ZONE = ZoneInfo("Europe/Berlin")
LIMIT_MS = 300.0
BY = ("campaign", "segment", "country", "industry", "sender", "step", "weekday", "hour")


HISTORY = (
    "conversations_conversation",
    "campaigns_candidate",
    "conversations_message",
    "drafts_draft",
    "campaigns_outcome",
)
EVENTS_PER_PERSON = 7.06
FEW = 100_000
"""Above, nothing is counted from the raw rows for comparison: that takes minutes."""


def run(scale: int) -> list[Row]:
    """Three messages to each of `scale` × 50 / 3 people over a year: 1,000,000 messages and 2,400,000 events by default."""
    return measure(scale * 50 // STEPS)


def run_events(events: int) -> list[Row]:
    """The same for so many messages, deliveries, openings and replies together."""
    return measure(int(events / EVENTS_PER_PERSON))


def measure(number: int) -> list[Row]:
    """Fill a history of so many people, count it, and read reports and pages."""
    _world.fill(number)
    events = fill_history()
    started = time.perf_counter()
    people = services.rebuild()
    took = time.perf_counter() - started
    zone = services.kept_zone(str(ZONE))
    if zone is None:
        started = time.perf_counter()
        zone = Zone.objects.get(name=str(ZONE))
        services.count_zone(zone)
        took += time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*) FROM rollups_daycount")
        kept_rows = cursor.fetchone()[0]
    name = f"counting {people:,} people again, {events:,} events, {kept_rows:,} rows kept"
    rows = [Row(name, took, "s", took / people * 1000, 1, "told, ms a person", True)]
    today = clock.now().astimezone(ZONE).date()
    asked = {
        "everything": Asked(zone=ZONE),
        "last 90 days": Asked(since=midnight(today - timedelta(days=89), ZONE), zone=ZONE),
        "one campaign, last 30 days": Asked(
            since=midnight(today - timedelta(days=29), ZONE), zone=ZONE,
            campaign_id=Campaign.objects.order_by("pk").values_list("pk", flat=True)[0],
        ),
    }  # fmt: skip
    for name, one in asked.items():
        kept = [_seconds(lambda by=by, one=one: _read(Kept(zone), one, by)) for by in BY for _time in range(TIMES // 4)]
        p95 = beside = statistics.quantiles(kept, n=20)[-1] * 1000
        if people <= FEW:
            raw = [_seconds(lambda by=by, one=one: _read(Raw(), one, by)) for by in ("campaign", "country")]
            beside = statistics.median(raw) * 1000
        rows.append(
            Row(f"numbers of a report, {name}: p95", p95, "ms", beside, p95 / beside, "≤ 300 ms", p95 <= LIMIT_MS)
        )
    return [*rows, *_pages(), _day(today - timedelta(days=30)), _change()]


def _read(source: Any, asked: Asked, by: str) -> None:
    selectors.total(asked, source=source)
    selectors.rows(asked, by=by, source=source)
    selectors.over_time(asked, selectors.unit_of(asked, clock.now(), source=source), source=source)


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _pages() -> list[Row]:
    client = Client()
    client.force_login(make_user("administrator", time_zone=str(ZONE)))
    since = (clock.now() - timedelta(days=89)).date().isoformat()
    rows = []
    urls = {
        "page": "/reports/",
        "page of 90 days by country": f"/reports/?by=country&since={since}",
        "people behind replies": "/reports/people/?number=replied",
        "people behind one line": f"/reports/people/?number=replied&by=country&key=DE&since={since}",
        "people behind a rare line": f"/reports/people/?number=positive&by=hour&key=23&since={since}",
        "everyone who was written to": "/reports/people/?number=contacted",
        "cohorts by month": "/reports/cohorts/?unit=month",
    }
    for name, url in urls.items():
        assert client.get(url).status_code == 200
        p95 = statistics.quantiles([_seconds(lambda url=url: client.get(url)) for _ in range(TIMES)], n=20)[-1] * 1000
        rows.append(Row(f"reports, {name}: p95", p95, "ms", LIMIT_MS, p95 / LIMIT_MS, "≤ 300 ms", p95 <= LIMIT_MS))
    return rows


def _day(day: Any) -> Row:
    took = _seconds(lambda: services.rebuild_day(day))
    return Row("counting one day again", took, "s", 10.0, took / 10, "≤ 10 s", took <= 10)


def _change() -> Row:
    ids = list(Known.objects.order_by("pk").values_list("pk", flat=True)[:1_000])
    update = _seconds(lambda: Message.objects.filter(draft__candidate__in=ids).update(state="failed"))
    assert Change.objects.exists() and DayCount.objects.exists()
    took = _seconds(services.catch_up)
    return Row("counting 1,000 changed people", took, "s", update, took / update, "≤ 3 s", took <= 3)


def fill_history() -> int:
    """Everyone in one of 40 campaigns, written to three times within a year; the number of events that came of it."""
    ids = _world.campaigns(CAMPAIGNS, mode="once")
    Campaign.objects.filter(pk__in=ids).update(state="sending", audience_frozen_at=clock.now())
    for step in list(Step.objects.filter(campaign__in=ids)):
        for number in range(2, STEPS + 1):
            step.pk, step.number = None, number
            step.save()
    written = Interaction.objects.create(
        trace=Trace.objects.create(name="draft"), step="draft", route="draft", provider="x", model="mini", input_hash="x"
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")  # no triggers: everybody is counted again afterwards
        cursor.execute(
            "CREATE TEMP TABLE talk AS SELECT id AS lead_id,"
            " now() - make_interval(days => (10 + id * 7919 %% %(days)s)::int, mins => (id * 31 %% 600)::int) AS at,"
            " id %% 20 = 0 AS replied, (%(ids)s::bigint[])[1 + id * 7919 %% %(days)s / 10 %% %(many)s] AS campaign_id"
            " FROM leads_lead",
            {"ids": ids, "many": CAMPAIGNS, "days": DAYS - 10},
        )
        with _world.without_indexes(cursor, *HISTORY):
            for statement in _statements(str(written.pk)):
                cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM campaigns_outcome")
        events = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM conversations_message")
        events += cursor.fetchone()[0]
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("DROP TABLE talk")
        cursor.execute("VACUUM ANALYZE")
    return int(events)


def _statements(interaction: str) -> list[str]:
    people = (
        "talk t JOIN steps_step s ON s.campaign_id = t.campaign_id JOIN campaigns_campaign p ON p.id = t.campaign_id"
    )
    number = f"t.lead_id * {STEPS} + s.number"

    def came(kind: str, base: int, where: str) -> str:
        return _insert("campaigns_outcome", {
            "id": f"{base} + {number}", "candidate_id": "t.lead_id", "kind": f"'{kind}'", "message_id": number,
            "occurred_at": "t.at + interval '9 days'",
        }, f"{people} WHERE {where}")  # fmt: skip

    return [
        _insert("conversations_conversation", {
            "id": "lead_id", "lead_id": "lead_id", "state": "'new'", "handler": "'nobody'", "last_outbound_at": "at", "updated_at": "at",
        }, "talk"),
        _insert("campaigns_candidate", {
            "id": "lead_id", "campaign_id": "campaign_id", "lead_id": "lead_id", "score": "lead_id % 100",
            "stage": "CASE WHEN replied THEN 'replied' ELSE 'contacted' END",
        }, "talk"),
        _insert("conversations_message", {
            "id": number, "conversation_id": "t.lead_id", "lead_id": "t.lead_id", "stream_id": "p.stream_id", "sender_id": "s.sender_id",
            "channel": "'email'", "direction": "'out'", "state": "'delivered'", "subject": "'A question'", "body": "'Good day'",
            "sent_at": "t.at + make_interval(days => 4 * (s.number - 1))",
        }, people),
        _insert("drafts_draft", {
            "id": number, "candidate_id": "t.lead_id", "step_id": "s.id", "variant": "(ARRAY['direct', 'casual'])[1 + t.lead_id % 2]",
            "language": "'en'", "subject": "'A question'", "body": "'Good day'", "interaction_id": f"'{interaction}'", "risk": "0",
            "facts": "'[]'", "flags": "'[]'", "state": "'handed_over'", "message_id": number,
        }, people),
        came("delivered", 0, "true"),
        came("opened", 100_000_000, "t.lead_id % 3 = 0"),
        came("replied", 200_000_000, "t.replied AND s.number = 1 + t.lead_id / 20 % 3"),
        came("positive", 300_000_000, "t.lead_id % 100 = 0 AND s.number = 1 + t.lead_id / 20 % 3"),
    ]  # fmt: skip
