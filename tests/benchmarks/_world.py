"""A population with the skew of real ones: Zipf-weighted pools drawn by numpy, written by COPY, the same at every run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from django.db import connection

from campaigns.models import Campaign
from campaigns.steps.models import Step
from conversations.outbox.models import Stream
from conversations.senders.models import Sender
from leads import changes
from leads.segments import canonical, compiler, schema
from leads.segments.models import Segment, SegmentVersion
from outreach.prompts.services import current
from tests.benchmarks.segments import _copy, _insert
from tests.campaigns.factories import make_sender

COUNTRIES = ("US", "DE", "GB", "RU", "FR", "NL", "KZ", "PL", "ES", "IT", "SE", "CH", "AT", "BE", "CZ", "DK", "FI", "NO", "PT", "IE",
             "CA", "AU", "IN", "BR", "MX", "AE", "IL", "SG", "JP", "KR")  # fmt: skip
LANGUAGES = ("en", "de", "ru", "fr", "nl", "kk", "pl", "es", "it", "sv")
INDUSTRIES = ("software", "fintech", "retail", "logistics", "media", "energy", "food", "health", "education", "games", "travel",
              "insurance", "telecom", "real estate", "automotive", "chemistry", "consulting", "legal", "design", "construction")  # fmt: skip
LEVELS = ("", "senior ", "lead ", "head of ", "junior ", "deputy ", "chief ", "assistant ", "principal ", "vp ")
ROLES = ("engineer", "accountant", "sales manager", "cto", "ceo", "designer", "recruiter", "analyst", "buyer", "lawyer", "it director",
         "marketing manager", "product owner", "architect", "support agent", "people partner", "data scientist", "cfo", "operations",
         "security officer")  # fmt: skip
AREAS = (
    "",
    " emea",
    " & founder",
    ", r&d",
    " (remote)",
    " platform",
    " payments",
    " growth",
    " cloud",
    " infrastructure",
)
TAGS = tuple(f"tag{n}" for n in range(40))
TABLES = (
    "leads_lead", "leads_company", "leads_identity", "leads_leadchange", "leads_title",
    "audience_livematch", "audience_liveset", "audience_livefeed", "campaigns_candidate", "campaigns_campaign",
    "steps_step", "segments_segmentversion", "segments_segment", "outbox_stream",
)  # fmt: skip


def _zipf(dice: np.random.Generator, count: int, size: int) -> Any:
    weights = 1 / np.arange(1, count + 1)
    return dice.choice(count, size=size, p=weights / weights.sum())


def empty() -> None:
    """Take everything away."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")


@contextmanager
def without_indexes(cursor: Any, *tables: str) -> Iterator[None]:
    """Tables are written with only what keeps them unique; their other indexes are built afterwards."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
        [list(tables)],
    )
    indexes = cursor.fetchall()
    cursor.execute(f"DROP INDEX {', '.join(name for name, _definition in indexes)}")
    yield
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        cursor.execute(definition)
    cursor.execute("RESET maintenance_work_mem")


def titles(count: int) -> list[str]:
    """A pool of `count` titles, the commonest first."""
    plain = [f"{level}{role}{area}" for area in AREAS for level in LEVELS for role in ROLES]
    return [plain[n % len(plain)] + (f" unit {n // len(plain)}" if n >= len(plain) else "") for n in range(count)]


def fill(leads: int) -> None:
    """`leads` people with an e-mail address each, a company for every ten."""
    dice = np.random.default_rng(20_260_101)
    companies = max(20, leads // 10)
    pool = titles(max(2_000, min(leads // 10, 60_000)))
    size = dice.lognormal(3.5, 1.4, companies).astype(int) + 1
    firms = zip(range(1, companies + 1), (COUNTRIES[i] for i in _zipf(dice, len(COUNTRIES), companies)),
                (INDUSTRIES[i] for i in _zipf(dice, len(INDUSTRIES), companies)), size.tolist(), strict=True)  # fmt: skip
    country = _zipf(dice, len(COUNTRIES), leads)
    age = dice.integers(0, 730, leads)
    contacted = np.where(dice.random(leads) < 0.35, dice.integers(0, 400, leads), -1)
    people = zip(
        range(1, leads + 1), (pool[i] for i in _zipf(dice, len(pool), leads)), (COUNTRIES[i] for i in country),
        (LANGUAGES[i] for i in _zipf(dice, len(LANGUAGES), leads)), (_zipf(dice, companies, leads) + 1).tolist(), age.tolist(),
        contacted.tolist(), (TAGS[i] for i in _zipf(dice, len(TAGS), leads)), dice.integers(1, 4, leads).tolist(), strict=True,
    )  # fmt: skip
    empty()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("CREATE TEMP TABLE new_company (id bigint, country text, industry text, employee_count int)")
        cursor.execute(
            "CREATE TEMP TABLE new_lead (id bigint, title text, country text, language text, company_id bigint, age int,"
            " contacted int, tag text, degree int)"
        )
        _copy(cursor, "new_company", firms)
        _copy(cursor, "new_lead", people)
        columns = {name: name for name in ("id", "country", "industry", "employee_count")} | {
            "name": "'Company ' || id"
        }
        cursor.execute(_insert("leads_company", columns, "new_company"))
        columns = {name: name for name in ("id", "country", "language", "title", "company_id")} | {
            "title_key": "title",
            "full_name": "'Person ' || id",
            "name_key": "'person ' || id",
            "activity_at": "CASE WHEN id % 2 = 0 THEN now() - make_interval(days => age, secs => id % 80000) END",
            "created_at": "now() - make_interval(days => age, secs => id % 80000)",
            "last_contacted_at": "CASE WHEN contacted >= 0 THEN now() - make_interval(days => contacted, secs => id % 80000) END",
            "tags": "ARRAY[tag]",
            "attributes": "jsonb_build_object('degree', degree)",
        }
        with without_indexes(cursor, "leads_lead", "leads_identity"):
            cursor.execute(_insert("leads_lead", columns, "new_lead"))
            cursor.execute(
                "INSERT INTO leads_identity (lead_id, channel, address, is_primary, status, status_reason, created_at, updated_at)"
                " SELECT id, 'email', 'p' || id || '@c' || company_id || '.example', true, 'unknown', '', now(), now() FROM new_lead"
            )
        cursor.execute("DROP TABLE new_company, new_lead")
        changes.record_selected("SELECT id FROM leads_lead")
        cursor.execute("TRUNCATE leads_leadchange")
        cursor.execute("SELECT setval(pg_get_serial_sequence('leads_lead', 'id'), (SELECT max(id) FROM leads_lead))")
        for table in ("leads_company", "leads_lead", "leads_identity", "leads_title"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def criteria(dice: random.Random) -> dict[str, Any]:
    """What a team might look for: usually a title and a place, often a rest since the last outreach."""

    def some(pool: tuple[str, ...], most: int) -> list[str]:
        weights = [1 / (n + 1) for n in range(len(pool))]
        return sorted(set(dice.choices(pool, weights, k=dice.randint(1, most))))

    entries: list[dict[str, Any]] = [{"field": "lead.country", "operator": "in", "value": some(COUNTRIES, 3)}]
    if dice.random() < 0.7:
        entries.append({"field": "lead.title", "operator": "any_of", "value": some(ROLES, 4)})
    if dice.random() < 0.35:
        entries.append({"field": "company.industry", "operator": "any_of", "value": some(INDUSTRIES, 3)})
    if dice.random() < 0.5:
        days = dice.choice([30, 60, 90, 180])
        entries.append({"field": "lead.last_contacted_at", "operator": "not_within_days", "value": days})
    if dice.random() < 0.3:
        entries.append({"field": "lead.activity_at", "operator": "within_days", "value": dice.choice([30, 90, 365])})
    if dice.random() < 0.25:
        entries.append({"field": "company.employee_count", "operator": "gte", "value": dice.choice([10, 50, 200])})
    if dice.random() < 0.2:
        any_of = [{"field": "lead.tags", "operator": "has_any_tag", "value": some(TAGS, 4)},
                  {"field": "lead.attributes.degree", "operator": "lte", "value": 2}]  # fmt: skip
        entries.append({"any": any_of})
    if dice.random() < 0.2:
        entries.append({"not": [{"field": "lead.title", "operator": "contains", "value": "assistant"}]})
    return {"all": entries}


def campaigns(count: int, *, mode: str = "daily", seed: int = 7) -> list[int]:
    """`count` campaigns that are ready, each with criteria of its own; their ids."""
    dice = random.Random(seed)
    pack = current("first-contact-email")
    sender = Sender.objects.filter(channel="email").first() or make_sender("email")
    written = [criteria(dice) for _number in range(count)]
    segments = Segment.objects.bulk_create(Segment(name=f"Segment {seed} {number}") for number in range(count))
    streams = Stream.objects.bulk_create(Stream(name=f"Stream {seed} {number}") for number in range(count))
    versions = SegmentVersion.objects.bulk_create(
        _version(segment, one) for segment, one in zip(segments, written, strict=True)
    )
    made = Campaign.objects.bulk_create(
        Campaign(name=stream.name, stream=stream, segment_version=version, mode=mode, state="ready")
        for stream, version in zip(streams, versions, strict=True)
    )
    Step.objects.bulk_create(
        Step(campaign=campaign, number=1, channel="email", sender=sender, pack_version=pack, delay_days=0)
        for campaign in made
    )
    return [campaign.pk for campaign in made]


def _version(segment: Segment, written: dict[str, Any]) -> SegmentVersion:
    node = schema.parse(written)
    predicate = compiler.compile_criteria(node)
    return SegmentVersion(
        segment=segment, number=1, criteria=written, criteria_hash=canonical.criteria_hash(node), predicate=predicate.sql,
        parameters=json.loads(json.dumps(predicate.parameters)),
    )  # fmt: skip
