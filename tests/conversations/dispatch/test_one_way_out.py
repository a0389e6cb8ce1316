"""One gate that nothing can go around: read off the source."""

import re
from pathlib import Path

from django.db import connection

from conversations.outbox.content import content_hash_sql

ROOT = Path(__file__).resolve().parents[3]
WINGS = ("outreach", "leads", "conversations", "campaigns")


def sources() -> list[tuple[str, str]]:
    files = [path for wing in WINGS for path in (ROOT / wing).rglob("*.py") if "migrations" not in path.parts]
    return [(str(path.relative_to(ROOT)), path.read_text()) for path in files]


def test_only_the_sending_module_hands_a_message_to_an_adapter():
    callers = {name for name, text in sources() if re.search(r"\badapter\.send\(", text)}
    assert callers == {"conversations/dispatch/sending.py"}


def test_only_the_gate_moves_a_message_into_sending():
    pattern = re.compile(r"""state\s*=\s*['"]sending['"](?!\s*(?:,\s*sending_at__|AND))""")
    writers = {
        name
        for name, text in sources()
        if "Message" in text or "conversations_message" in text
        for match in pattern.finditer(text)
        if "filter(" not in text[max(0, match.start() - 120) : match.start()]
    }
    writers = {name for name in writers if name.startswith("conversations/")}
    assert writers <= {"conversations/dispatch/gate.py"}


def test_a_messages_state_is_written_by_the_machine_or_by_the_three_fenced_statements():
    """`outbox.states` for all; the claim, the gate and the carrier's acceptance check and write in one statement."""
    in_django = re.compile(r"Message\.objects[^\n]*(?:\n[^\n]*){0,6}?\.update\((?:[^()]|\([^()]*\))*?\bstate=")
    in_sql = re.compile(r"UPDATE conversations_message\b[^;]*?SET\s+state\s*=")
    places = [(name, text) for name, text in sources() if name.startswith(("conversations/", "campaigns/"))]
    assert {name for name, text in places if in_sql.search(text)} == {
        "conversations/dispatch/claiming.py",
        "conversations/dispatch/gate.py",
        "conversations/dispatch/recording.py",
    }
    assert {name for name, text in places if "Message" in text and in_django.search(text)} == set()


def test_the_database_fence_hashes_what_an_approval_hashes(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('outreach_message_gate'::regproc)")
        assert content_hash_sql("NEW") in cursor.fetchone()[0]
