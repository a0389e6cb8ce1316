"""Raw records are kept once; leads are written only when their content changed, and never over a person's edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leads import services as leads
from leads.directory.erasing import erase
from leads.duplicates import services as duplicates
from leads.models import Lead
from leads.sources import intake as intaking
from leads.sources.features import Features, Image
from leads.sources.models import RawRecord
from outreach.core.models import Actor
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.leads.factories import ACTOR, make_lead

pytestmark = pytest.mark.django_db

LISTING = Features(
    title="Python developer wanted",
    description="Build crawlers.\n\nWrite to us.",
    url="https://berlin.example.org/view/d/python-developer/7700000001",
    emails=("jobs@firm.example",),
    phones=("+49 151 12345678",),
    company="Firm GmbH",
    country="Germany",
    city="Berlin",
    language="en",
    tags=("software",),
    activity_at=datetime(2026, 5, 4, 10, 30, tzinfo=UTC),
    images=(Image("https://images.example.org/1.jpg", 600, 450),),
    links=("https://www.firm.example/jobs",),
    attributes={"compensation": "60.000 €", "is_remote": True, "employment_type": ["full-time"]},
)


def keep(body: bytes = b"<html>1</html>", external_id: str = "7700000001", source: str = "listings") -> RawRecord:
    return intaking.keep(
        job=None, source=source, external_id=external_id, url=LISTING.url, media_type="text/html", body=body
    )


def events(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def test_a_record_is_kept_compressed_and_once_for_the_same_bytes():
    body = b"<html>" + b"same " * 1000 + b"</html>"
    first, second = keep(body), keep(body)
    assert first.pk == second.pk
    assert first.content() == body and first.size == len(body)
    assert len(bytes(first.body)) < len(body) / 10


def test_only_the_newest_versions_are_kept():
    for number in range(8):
        keep(f"<html>{number}</html>".encode())
    assert [r.content() for r in RawRecord.objects.order_by("pk")] == [
        f"<html>{n}</html>".encode() for n in range(3, 8)
    ]


def test_a_new_listing_becomes_a_lead_with_addresses_company_and_attributes():
    intake = intaking.take_in(record=keep(), features=LISTING)
    lead = Lead.objects.get()
    assert intake.is_new and intake.lead == lead
    assert (lead.kind, lead.source, lead.external_id) == ("listing", "listings", "7700000001")
    assert (lead.title, lead.country, lead.city, lead.language) == ("Python developer wanted", "DE", "Berlin", "en")
    assert lead.company and lead.company.name == "Firm GmbH"
    assert {i.address for i in lead.identities.all()} == {"jobs@firm.example", "+4915112345678"}
    assert lead.attributes["compensation"] == "60.000 €" and lead.attributes["is_remote"] is True
    assert lead.attributes["images"] == ["https://images.example.org/1.jpg"]
    assert lead.activity_at == LISTING.activity_at and lead.content_hash
    assert events("lead.created") == 1


def test_the_same_content_in_other_bytes_writes_nothing_to_the_lead():
    intaking.take_in(record=keep(), features=LISTING)
    before = Lead.objects.get()
    noisy = replace(LISTING, title="  Python  DEVELOPER wanted ", links=("https://firm.example/other",))
    intake = intaking.take_in(record=keep(b"<html>2</html>"), features=noisy)
    after = Lead.objects.get()
    assert not intake.is_new and not intake.is_changed
    assert after.updated_at == before.updated_at and events("lead.changed") == 0


def test_changed_content_changes_the_lead_and_says_so():
    intaking.take_in(record=keep(), features=LISTING)
    intake = intaking.take_in(
        record=keep(b"<html>2</html>"),
        features=replace(LISTING, title="Senior Python developer", attributes={"compensation": "70.000 €"}),
    )
    lead = Lead.objects.get()
    assert intake.is_changed and not intake.is_new
    assert lead.title == "Senior Python developer"
    assert lead.attributes["compensation"] == "70.000 €" and "is_remote" not in lead.attributes
    assert events("lead.changed") == 1


def test_going_back_to_an_earlier_state_is_a_change_too():
    intaking.take_in(record=keep(), features=LISTING)
    intaking.take_in(record=keep(b"2"), features=replace(LISTING, title="Other"))
    intake = intaking.take_in(record=keep(), features=LISTING)
    assert intake.is_changed and Lead.objects.get().title == "Python developer wanted"


def test_what_a_person_edited_stays_and_the_rest_follows_the_source():
    lead = intaking.take_in(record=keep(), features=LISTING).lead
    leads.update_lead(
        lead=lead,
        actor=ACTOR,
        fields={
            "title": "Our title",
            "tags": ["software", "hot"],
            "attributes": {**lead.attributes, "compensation": "ask"},
        },
    )
    for number in (2, 3):
        intaking.take_in(
            record=keep(f"{number}".encode()),
            features=replace(LISTING, title=f"Title {number}", description=f"Text {number}", attributes={"compensation": f"{number} €", "is_remote": False}),
        )  # fmt: skip
    lead = Lead.objects.get()
    assert (lead.title, lead.description) == ("Our title", "Text 3")
    assert lead.tags == ["hot", "software"] or lead.tags == ["software", "hot"]
    assert lead.attributes["compensation"] == "ask" and lead.attributes["is_remote"] is False


def test_an_address_of_another_lead_stays_there_and_is_noted():
    owner = make_lead("Anna", email="jobs@firm.example")
    lead = intaking.take_in(record=keep(), features=LISTING).lead
    assert [i.address for i in lead.identities.all()] == ["+4915112345678"]
    lead.refresh_from_db()
    assert lead.attributes["contact_lead"] == owner.pk
    assert intaking.take_in(record=keep(), features=LISTING).is_changed is False


def test_a_person_is_found_by_an_address_and_not_made_twice():
    known = make_lead("Anna Example", email="anna@firm.example", title="CTO")
    person = Features(
        kind="person", full_name="Anna Example", title="Chief", emails=("anna@firm.example",), city="Berlin"
    )
    intake = intaking.take_in(record=keep(external_id="anna", source="network"), features=person)
    known.refresh_from_db()
    assert intake.lead == known and not intake.is_new
    assert (known.title, known.city) == ("CTO", "Berlin")


def test_an_erased_lead_stays_erased_and_its_record_goes():
    lead = intaking.take_in(record=keep(), features=LISTING).lead
    erase(lead=lead, actor=Actor.system("tests"))
    assert not RawRecord.objects.exists()
    intake = intaking.take_in(record=keep(b"2"), features=LISTING)
    lead.refresh_from_db()
    assert not intake.is_new and not intake.is_changed
    assert lead.title == "" and not lead.identities.exists() and not RawRecord.objects.exists()


def test_bad_addresses_and_unknown_countries_do_not_stop_the_intake():
    odd = replace(LISTING, emails=("not an address",), phones=("12",), country="Atlantis", language="tlh-klingon")
    lead = intaking.take_in(record=keep(), features=odd).lead
    assert not lead.identities.exists() and lead.country == "" and lead.language == ""


def test_a_lead_that_was_merged_takes_its_records_along_and_back():
    lost = intaking.take_in(record=keep(), features=LISTING).lead
    kept = make_lead("Anna Example", title="Chief")
    merge = duplicates.merge_leads(kept=kept, lost=lost, actor=ACTOR)
    drain()
    assert kept.raw_records.count() == 1 and not lost.raw_records.exists()
    intake = intaking.take_in(record=keep(b"2"), features=replace(LISTING, description="New text"))
    kept.refresh_from_db()
    assert intake.lead == kept and not intake.is_new and kept.title == "Chief"
    assert Lead.objects.filter(source="listings").count() == 1
    duplicates.undo(merge=merge, actor=ACTOR)
    drain()
    assert lost.raw_records.count() == 2 and not kept.raw_records.exists()
