"""Lists and consoles at 300,000 people, 50,000 conversations and 200,000 messages, through Django's handler beside a limit."""

from __future__ import annotations

import statistics
import time

from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.rollups import services as rollups
from campaigns.rollups.models import Zone
from campaigns.steps.models import Step
from leads.models import Lead
from outreach.core import clock
from outreach.llm.models import Interaction, Trace
from tests.benchmarks import Row, _world
from tests.benchmarks.segments import _insert
from tests.campaigns.factories import make_user

LIMIT_MS = 150.0
TIMES = 9
CAMPAIGNS = 20
FIRST_NAMES = ("anna", "peter", "maria", "john", "ivan", "olga", "james", "laura", "mark", "elena")
LEFT, FOLLOWED, ANSWERED, PLANNED = 1_000_000, 2_000_000, 3_000_000, 4_000_000
"""The number of a person's message is theirs, plus one of these."""


def run(scale: int) -> list[Row]:
    """15 people for each row of `scale`: 300,000 by default; every sixth has a conversation of four messages."""
    _world.fill(15 * scale)
    fill_conversations()
    count()
    client = Client()
    client.force_login(make_user("administrator", is_superuser=True, is_staff=True))
    last = min(333, Lead.objects.count() // 30)
    pages = {
        "people": "/leads/",
        "people, filtered": "/leads/?country=DE&contact=never",
        "people, deep": f"/leads/?after={Lead.objects.count() // 2}",
        "people, a common first name": "/leads/?q=anna",
        "companies": "/companies/",
        "companies, filtered": "/companies/?country=DE&size=51-200",
        "campaigns": "/campaigns/",
        "a campaign with half of all candidates": f"/campaigns/{Campaign.objects.earliest('pk').pk}/",
        "a campaign with 2,500 candidates": f"/campaigns/{Campaign.objects.latest('pk').pk}/",
        "reports": "/reports/",
        "inbox, a common first name": "/inbox/?q=anna",
        "console: people": "/admin/leads/lead/",
        "console: people, last page": f"/admin/leads/lead/?p={last}",
        "console: people, a common first name": "/admin/leads/lead/?q=anna",
        "console: messages": "/admin/conversations/message/",
        "console: messages, last page": f"/admin/conversations/message/?p={last}",
        "console: messages, by address": "/admin/conversations/message/?q=p600@x.example",
    }
    return [_page(client, name, url) for name, url in pages.items()]


def count() -> None:
    """The numbers of campaigns as the background keeps them, in the zone of whoever looks."""
    rollups.rebuild()
    zone = timezone.get_default_timezone_name()
    if rollups.kept_zone(zone) is None:
        rollups.count_zone(Zone.objects.get(name=zone))


def _page(client: Client, name: str, url: str) -> Row:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        client.get(url)
        took.append((time.perf_counter() - started) * 1000)
    median = statistics.median(took)
    size = len(answer.content) / 1024
    return Row(f"{name} ({size:.0f} KB)", median, "ms", LIMIT_MS, median / LIMIT_MS, "≤ 150 ms", median <= LIMIT_MS)


def fill_conversations() -> None:
    """Every third person in a campaign, the first campaign with half of them; every sixth written to twice."""
    ids = _world.campaigns(CAMPAIGNS, mode="once")
    Campaign.objects.filter(pk__in=ids).update(state="sending", audience_frozen_at=clock.now())
    for step in list(Step.objects.filter(campaign__in=ids)):
        step.pk, step.number = None, 2
        step.save()
    written = Interaction.objects.create(
        trace=Trace.objects.create(name="draft"), step="draft", route="draft", provider="builtin", model="builtin", input_hash="x"
    )  # fmt: skip
    names = "(ARRAY[" + ",".join(f"'{name}'" for name in FIRST_NAMES) + "])[1 + id % 37 % 10]"
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"UPDATE leads_lead SET full_name = initcap({names}) || ' Person' || id, name_key = {names} || ' person' || id"
        )
        cursor.execute(
            "CREATE TEMP TABLE talk AS SELECT id AS lead_id, now() - make_interval(mins => (id % 40000)::int) AS at,"
            " id % 30 = 0 AS replied, (%(ids)s::bigint[])[CASE WHEN id % 4 < 2 THEN 1 ELSE 1 + id / 3 % %(many)s END] AS campaign_id"
            " FROM leads_lead WHERE id % 3 = 0".replace(" % ", " %% "),
            {"ids": ids, "many": CAMPAIGNS},
        )
        for statement in _statements(str(written.pk)):
            cursor.execute(statement)
        cursor.execute("SELECT setval(pg_get_serial_sequence('conversations_message', 'id'), 9000000)")
        cursor.execute("DROP TABLE talk")
        cursor.execute("VACUUM ANALYZE")


def _statements(interaction: str) -> list[str]:
    people = (
        "talk t JOIN campaigns_candidate c ON c.lead_id = t.lead_id JOIN steps_step s ON s.campaign_id = t.campaign_id"
    )
    talks = (
        "talk t JOIN conversations_conversation c ON c.lead_id = t.lead_id JOIN campaigns_campaign p ON p.id = t.campaign_id"
        " JOIN steps_step s ON s.campaign_id = p.id AND s.number = 1"
    )
    message = {
        "conversation_id": "c.id", "lead_id": "t.lead_id", "stream_id": "p.stream_id", "sender_id": "s.sender_id", "channel": "'email'",
        "direction": "'out'", "address": "'p' || t.lead_id || '@x.example'", "address_digest": "md5(t.lead_id::text)",
        "subject": "'A question'", "body": "repeat('Good day, this is a text. ', 20)", "approved_hash": "'x'",
    }  # fmt: skip
    draft = {
        "candidate_id": "c.id", "step_id": "s.id", "variant": "'direct'", "language": "'en'", "subject": "'A question'",
        "body": "'Good day'", "interaction_id": f"'{interaction}'", "risk": "0", "facts": "'[]'", "flags": "'[]'",
    }  # fmt: skip

    def messages(base: int, state: str, where: str = "true", **more: str) -> str:
        return _insert(
            "conversations_message",
            message | {"id": f"{base} + t.lead_id", "state": f"'{state}'"} | more,
            f"{talks} WHERE {where}",
        )

    def texts(base: int, number: int) -> str:
        given = {"id": f"{base} + t.lead_id", "state": "'handed_over'", "message_id": f"{base} + t.lead_id"}
        return _insert("drafts_draft", draft | given, f"{people} AND s.number = {number} WHERE t.lead_id % 6 = 0")

    return [
        _insert("conversations_conversation", {
            "id": "lead_id", "lead_id": "lead_id", "state": "CASE WHEN replied THEN 'engaged' ELSE 'new' END", "handler": "'nobody'",
            "last_outbound_at": "at", "last_inbound_at": "CASE WHEN replied THEN at END", "updated_at": "at",
            "waiting_since": "CASE WHEN replied AND lead_id % 90 = 0 THEN at END",
        }, "talk WHERE lead_id % 6 = 0"),
        _insert("campaigns_candidate", {
            "id": "lead_id", "campaign_id": "campaign_id", "lead_id": "lead_id", "score": "lead_id % 100",
            "stage": "CASE WHEN replied THEN 'replied' WHEN lead_id % 6 = 0 THEN 'contacted' WHEN lead_id % 9 = 0 THEN 'drafted'"
                     " ELSE 'qualified' END",
        }, "talk"),
        messages(LEFT, "sent", sent_at="t.at", scheduled_at="t.at"),
        messages(FOLLOWED, "delivered", sent_at="t.at + interval '3 days'", scheduled_at="t.at + interval '3 days'"),
        messages(ANSWERED, "received", "t.replied", direction="'in'", stream_id="NULL", received_at="t.at"),
        messages(PLANNED, "scheduled", "NOT t.replied", scheduled_at="now() + interval '5 days'"),
        texts(LEFT, 1),
        texts(FOLLOWED, 2),
        _insert(
            "drafts_draft", draft | {"id": "t.lead_id", "state": "'pending_review'", "pattern": "'p'"},
            f"{people} AND s.number = 1 WHERE c.stage = 'drafted'",
        ),
        _insert(
            "campaigns_outcome",
            {"id": "t.lead_id", "candidate_id": "c.id", "kind": "'replied'", "message_id": f"{ANSWERED} + t.lead_id", "occurred_at": "t.at"},
            "talk t JOIN campaigns_candidate c ON c.lead_id = t.lead_id WHERE t.replied",
        ),
    ]  # fmt: skip
