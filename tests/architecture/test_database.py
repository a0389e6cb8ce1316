"""Nothing happens behind a service's back: the triggers are these, and who writes leads records the change."""

import re

import pytest
from django.conf import settings
from django.db import connection

ROOT = settings.BASE_DIR
TRIGGERS = {
    ("conversations_message", "outreach_message_gate"),  # no message is sent past the gate: conversations/migrations
    # what was written in the audit trail stays: outreach/core/migrations
    ("core_auditentry", "audit_append_only"),
    ("core_auditentry", "audit_not_emptied"),
    # what the reports keep follows its rows, whoever writes them: campaigns/rollups/migrations
    ("campaigns_candidate", "rollups_candidate_added"),
    ("campaigns_candidate", "rollups_candidate_changed"),
    ("campaigns_candidate", "rollups_candidate_removed"),
    ("campaigns_outcome", "rollups_outcome"),
    ("conversations_message", "rollups_message"),
    ("drafts_draft", "rollups_draft_added"),
    ("drafts_draft", "rollups_draft_changed"),
    ("drafts_draft", "rollups_draft_removed"),
    ("leads_company", "rollups_company"),
    ("leads_lead", "rollups_lead"),
    ("senders_sender", "rollups_sender"),
    ("steps_step", "rollups_step"),
}
WRITES = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM) leads_(?:lead|identity|company)\b"
    r"|\b(?:Lead|Identity|Company)\.objects\b(?:[^\n]|\n\s*\.)*\.(?:create|bulk_create|get_or_create|update_or_create|update|delete)\("
)
RECORDED_ELSEWHERE = {
    "leads/imports/upsert/companies.py": "upsert/services.py, once for the whole file",
    "leads/imports/upsert/people.py": "upsert/services.py, once for the whole file",
}


@pytest.mark.django_db
def test_the_database_has_no_triggers_but_these():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        assert set(cursor.fetchall()) == TRIGGERS


def test_every_module_that_writes_leads_records_the_change():
    found = {}
    for wing in ("outreach", "leads", "conversations", "campaigns"):
        for path in (ROOT / wing).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if "migrations" in path.parts:
                continue
            text = path.read_text()
            if WRITES.search(text) and not re.search(r"changes\.record|INTO leads_leadchange", text):
                found[name] = WRITES.search(text)[0]
    assert found.keys() == RECORDED_ELSEWHERE.keys(), found
