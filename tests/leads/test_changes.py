"""Every service that changes what criteria read of a lead, or whether it may be written to, records the change."""

from datetime import timedelta

import pytest
from django.db import connection

from campaigns.audience.eligibility import is_eligible
from conversations.consent import services as consent
from conversations.senders.verification.services import keep
from conversations.senders.verification.verdicts import Checked
from leads import changes, services
from leads.directory.erasing import erase
from leads.duplicates import services as duplicates
from leads.imports.upsert import undo
from leads.models import Lead, LeadChange, Title
from leads.sources import intake
from leads.sources.features import Features
from outreach.core import clock
from outreach.core.models import Actor
from tests.leads.factories import make_company, make_lead, run_import

pytestmark = pytest.mark.django_db
ACTOR = Actor.system("tests")
FILE = "Name,E-mail,Title,Company,Country\nAnna Example,anna@one.example,CTO,One,DE\nBen Other,ben@two.example,CFO,Two,DE\n"
STATE = """
SELECT l.id, to_jsonb(l) - ARRAY['updated_at', 'content_hash', 'research', 'as_of_at'],
    to_jsonb(c) - ARRAY['updated_at', 'as_of_at'],
    ARRAY(SELECT i.address || i.status FROM leads_identity i WHERE i.lead_id = l.id ORDER BY i.id),
    {by_mail}, {by_text}
FROM leads_lead l LEFT JOIN leads_company c ON c.id = l.company_id
"""


def state():
    """What criteria and eligibility read of every lead."""
    with connection.cursor() as cursor:
        cursor.execute(STATE.format(by_mail=is_eligible("'email'"), by_text=is_eligible("'sms'")))
        return {row[0]: row[1:] for row in cursor.fetchall()}


@pytest.fixture
def recorded():
    """Run something that changes leads: all whose state differs after it are recorded, and there are some."""

    def run(work):
        before = state()
        LeadChange.objects.all().delete()
        work()
        after = state()
        changed = {pk for pk in before | after if before.get(pk) != after.get(pk)}
        assert changed, "nothing was changed"
        assert changed <= set(LeadChange.objects.values_list("lead_id", flat=True))
        in_use = set(Lead.objects.filter(erased_at=None).exclude(title_key="").values_list("title_key", flat=True))
        assert in_use <= set(Title.objects.values_list("title_key", flat=True))

    return run


@pytest.fixture
def anna():
    lead = make_lead("Anna Example", "anna@firm.example", company=make_company())
    services.update_lead(lead=lead, actor=ACTOR, fields={"title": "Head of Ice"})
    lead.refresh_from_db()
    return lead


@pytest.fixture
def ben():
    return make_lead("Ben Other", "ben@other.example", title="CFO", title_key="cfo", company=make_company("Other Ltd"))


def test_creating(recorded):
    recorded(lambda: services.create_lead(actor=ACTOR, email="new@firm.example", fields={"title": "Director"}))


def test_editing(recorded, anna):
    recorded(lambda: services.update_lead(lead=anna, actor=ACTOR, fields={"title": "CTO", "city": "Berlin"}))


def test_editing_a_company(recorded, anna):
    recorded(lambda: services.update_company(company=anna.company, actor=ACTOR, fields={"industry": "Fintech"}))


def test_a_new_address(recorded, anna):
    recorded(lambda: services.add_identity(lead=anna, channel="sms", address="+493012345678", actor=ACTOR))


def test_an_address_found_invalid(recorded, anna):
    identity = anna.identities.get()
    recorded(lambda: services.update_identity(identity=identity, actor=ACTOR, status="invalid"))
    services.update_identity(identity=identity, actor=ACTOR, status="unknown")
    recorded(lambda: keep(identity, Checked("invalid", "no such mailbox"), by="a verifier"))


def test_erasing_takes_the_title_too(recorded, anna):
    recorded(lambda: erase(lead=anna, actor=ACTOR))
    assert not Title.objects.filter(title_key="head of ice").exists()


def test_importing_and_undoing_it(recorded):
    recorded(lambda: run_import(FILE))
    changed = FILE.replace("CTO", "CPO").replace("One", "Uno")
    recorded(lambda: run_import(changed, options={"update_rule": "overwrite"}))
    batch = Lead.objects.get(full_name="Anna Example").batch
    recorded(
        lambda: run_import(FILE + "Cleo Third,cleo@three.example,CMO,Three,DE\n", options={"update_rule": "overwrite"})
    )
    batch = Lead.objects.get(full_name="Cleo Third").batch
    recorded(lambda: undo.undo_now(batch=batch, actor=ACTOR))


def test_a_company_changed_by_an_import_changes_its_leads(recorded):
    run_import("Company,Country,Industry\nOne,DE,Retail\n", kind="companies")
    run_import(FILE)
    text = "Company,Country,Industry\nOne,DE,Fintech\n"
    recorded(lambda: run_import(text, kind="companies", options={"update_rule": "overwrite"}))


def test_merging_leads_and_undoing_it(recorded, anna, ben):
    merges = []
    recorded(lambda: merges.append(duplicates.merge_leads(kept=anna, lost=ben, actor=ACTOR)))
    recorded(lambda: duplicates.undo(merge=merges[0], actor=ACTOR))


def test_merging_companies_and_undoing_it(recorded, anna, ben):
    merges = []
    recorded(lambda: merges.append(duplicates.merge_companies(kept=anna.company, lost=ben.company, actor=ACTOR)))
    recorded(lambda: duplicates.undo(merge=merges[0], actor=ACTOR))


def test_what_a_source_finds(recorded):
    def taken(title):
        record = intake.keep(
            job=None, source="site", external_id="7", url="https://site.example/7", media_type="text/html",
            body=title.encode(),
        )  # fmt: skip
        return intake.take_in(
            record=record, features=Features(kind="listing", title=title, emails=[f"{len(title)}@x.example"])
        )

    recorded(lambda: taken("Baker wanted"))
    recorded(lambda: taken("Two bakers wanted"))


@pytest.mark.parametrize("target", ["lead", "address", "domain"])
def test_suppressing_and_lifting(recorded, anna, target):
    about = {"lead": {"lead": anna}, "address": {"address": "anna@firm.example"}, "domain": {"domain": "firm.example"}}
    rows = []
    recorded(lambda: rows.append(consent.suppress(consent.Target(**about[target]), reason="manual", actor=ACTOR)))
    recorded(lambda: consent.lift(suppression=rows[0], actor=ACTOR, reason="a mistake"))


def test_stop_and_start(recorded, anna):
    services.add_identity(lead=anna, channel="sms", address="+493012345678", actor=ACTOR)
    number = "+493012345678"
    recorded(
        lambda: consent.suppress(
            consent.Target(channel="sms", address=number), reason="opt_out", actor=ACTOR, is_by_keyword=True
        )
    )
    recorded(lambda: consent.lift_keyword(lead=anna, address=number, actor=ACTOR, evidence="START"))


def test_contact_and_reply(recorded, anna):
    now = clock.now()
    recorded(lambda: services.note_contact(anna.pk, contacted_at=now))
    recorded(lambda: services.note_contact(anna.pk, replied_at=now))
    services.note_contact(anna.pk, contacted_at=now - timedelta(days=1))
    anna.refresh_from_db()
    assert (anna.last_contacted_at, anna.last_replied_at) == (now, now)


def test_titles_that_no_lead_has_any_more_are_forgotten_slice_by_slice(anna, ben, time_machine, monkeypatch):
    monkeypatch.setattr(changes, "SLICE", 1)
    services.update_lead(lead=anna, actor=ACTOR, fields={"title": "CFO"})
    assert set(Title.objects.values_list("title_key", flat=True)) >= {"head of ice", "cfo"}
    start = clock.now()
    last = Title.objects.order_by("-pk").values_list("pk", flat=True)[0]
    forgotten = 0
    for turn in range(last + 1):
        time_machine.move_to(start + timedelta(seconds=turn * changes.FORGET_SECONDS))
        forgotten += changes.forget_titles()
    assert forgotten == 1
    assert set(Title.objects.values_list("title_key", flat=True)) == {"cfo"}
