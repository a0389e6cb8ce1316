"""After a person was erased nothing in the database says their name, address or number, nor what was said with them.

The first test is about every table that there is: whoever adds one that points at people has to fill it here.
"""

from __future__ import annotations

import contextlib
import zlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection

from campaigns.drafts.models import Draft
from campaigns.models import Candidate, Outcome
from conversations.consent.models import Suppression
from conversations.consent.services import is_suppressed
from conversations.models import Conversation, Message, MessageEvent
from leads.directory.erasing import erase, holdings
from leads.models import Lead
from outreach.core import clock
from outreach.events.services import deliver_due
from outreach.llm.models import Interaction
from tests.campaigns.everywhere import ACTOR, MAIL, SAID, make_person
from tests.conversations.factories import make_message

pytestmark = pytest.mark.django_db
NEEDLES = [needle.casefold() for needle in ("zebulon", "quackenbush", MAIL, "1701234567", "zeb-quack", SAID)]

ALLOWED = {
    ("deliverability_maildomain", "domain"),  # which provider is behind a domain: names no person
    ("leads_title", "title_key"),  # earlier titles, without whose they were; each slice of the dictionary has its turn
}
"""Where something may stay. Addresses stay nowhere but as keyed digests, which no search finds."""


def remnants() -> dict[tuple[str, str], str]:
    """Every text, JSON, array or bytes column of every table that still says one of the needles."""
    found: dict[tuple[str, str], str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY')"
        )
        for table, column, kind in cursor.fetchall():
            quoted = f'"{column}"' if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f'SELECT {quoted} FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                text = value if isinstance(value, str) else _text(bytes(value))
                for needle in NEEDLES:
                    if needle in text.casefold():
                        found[(table, column)] = needle
    return found


def _text(data: bytes) -> str:
    with contextlib.suppress(zlib.error):
        data = zlib.decompress(data)
    return data.decode("utf-8", "replace")


PERSONAL = (Lead, Conversation, Message, Candidate, Draft)


def about_people() -> set[str]:
    """Models with a key to a person, to what was said with them or to what was written for them."""
    return {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and getattr(field, "related_model", None) in PERSONAL
    }


@pytest.fixture
def person(client, settings, tmp_path) -> Lead:
    settings.MEDIA_ROOT = tmp_path
    return make_person(client)


def test_no_table_says_anything_of_an_erased_person(person, settings):
    empty = {label for label in about_people() if not apps.get_model(label)._default_manager.exists()}
    assert not empty, "fill these here, and say in their docstring how they are erased"
    before = remnants()
    assert len(before) > 40
    assert {row.label for row in holdings(person)} >= {
        "Addresses",
        "Drafts",
        "Files that they sent",
        "Pages kept by crawls",
    }

    erase(lead=person, actor=ACTOR, reason="asked for it")
    deliver_due()

    assert {place: what for place, what in remnants().items() if place not in ALLOWED} == {}
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert not [path for path in files if b"Quackenbush" in path.read_bytes()]


def test_what_counts_stays(person):
    counted = [
        (model, model.objects.count())
        for model in (Message, MessageEvent, Outcome, Candidate, Interaction, Suppression)
    ]
    erase(lead=person, actor=ACTOR)
    deliver_due()
    assert all(model.objects.count() >= count for model, count in counted)
    sent = Message.objects.filter(direction="out", sent_at__isnull=False).get()
    assert sent.state == "replied" and sent.address == "" and sent.address_digest
    assert sent.attributes == {"kind": "reply"}
    assert MessageEvent.objects.get(message=sent, kind="delivered").data == {"code": "250"}


def test_what_was_planned_is_cancelled():
    planned = make_message(scheduled_at=clock.now() + timedelta(days=9))
    erase(lead=planned.lead, actor=ACTOR)
    deliver_due()
    planned.refresh_from_db()
    assert (planned.state, planned.refused_by, planned.body) == ("cancelled", "not_erased", "")


def test_the_opt_out_stays_in_force_and_no_draft_waits(person):
    erase(lead=person, actor=ACTOR)
    deliver_due()
    assert is_suppressed(channel="email", address=MAIL)
    assert not Draft.objects.exclude(state__in=("superseded", "handed_over")).exists()


def test_being_told_twice_changes_nothing(person):
    from campaigns.reactions import erasing as above
    from conversations import erasing
    from outreach.events.models import Event

    erase(lead=person, actor=ACTOR)
    deliver_due()
    before = list(Message.objects.order_by("pk").values("state", "body", "address"))
    for event in Event.objects.filter(kind="lead.erased"):
        erasing.on_lead_erased(event)
        above.on_lead_erased(event)
    assert list(Message.objects.order_by("pk").values("state", "body", "address")) == before


def test_the_console_names_rows_by_number(person):
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"#{person.pk}"
    assert entry.get_change_message()
