import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections

from leads.imports import abandoned, previews, reports, running, services
from leads.imports.models import BATCH, Batch, RejectedRow
from leads.models import Company, Identity, Lead
from outreach.core.errors import Invalid, Refused
from outreach.events.models import Event
from outreach.jobs.draining import drain
from tests.leads.factories import ACTOR, make_company, make_lead, run_import, upload

pytestmark = pytest.mark.django_db

PEOPLE = """Name,E-mail,Phone,Company,Title,Country
Anna Schmidt,anna@firm.example,+1 212 555 0101,Firm GmbH,CTO,Germany
BORIS PETROV,boris@romashka.example,,ООО «Ромашка»,Head of IT,Россия
"""


def test_people_and_their_companies_come_in_clean():
    batch = run_import(PEOPLE, session_key="s1", source="list")
    assert batch.state == "done"
    assert (batch.counts["rows"], batch.counts["created"], batch.counts["companies_created"]) == (2, 2, 2)
    boris = Lead.objects.get(first_name="Boris")
    assert (boris.full_name, boris.country, boris.title_key) == ("Boris Petrov", "RU", "head of it")
    assert (boris.company.name, boris.company.name_key, boris.company.country) == ("ООО «Ромашка»", "ромашка", "RU")
    assert (boris.session_key, boris.source, boris.batch_id) == ("s1", "list", batch.pk)
    assert boris.content_hash
    assert set(Identity.objects.values_list("channel", "address")) == {
        ("email", "anna@firm.example"),
        ("sms", "+12125550101"),
        ("email", "boris@romashka.example"),
    }


def test_the_same_file_again_changes_nothing_and_says_so():
    run_import(PEOPLE)
    before = list(Lead.objects.order_by("id").values()), list(Company.objects.values()), list(Identity.objects.values())
    events = Event.objects.count()
    batch = run_import(PEOPLE)
    assert (batch.counts["created"], batch.counts["updated"], batch.counts["unchanged"]) == (0, 0, 2)
    assert before == (
        list(Lead.objects.order_by("id").values()),
        list(Company.objects.values()),
        list(Identity.objects.values()),
    )
    assert Event.objects.count() == events
    assert reports.outcome(batch.counts).startswith("Nothing changed")


def test_empty_fields_are_filled_and_others_kept():
    lead = make_lead(email="anna@firm.example", title="Engineer", title_key="engineer")
    batch = run_import("email,title,city\nanna@firm.example,CTO,Berlin\n")
    lead.refresh_from_db()
    assert (lead.title, lead.city, batch.counts["updated"]) == ("Engineer", "Berlin", 1)
    assert Event.objects.filter(kind="lead.changed", payload__batch_id=batch.pk).count() == 1


def test_overwrite_replaces_but_never_by_nothing():
    lead = make_lead(email="anna@firm.example", title="Engineer", title_key="engineer", city="Bonn")
    run_import("email,title,city\nanna@firm.example,CTO,\n", options={"update_rule": "overwrite"})
    lead.refresh_from_db()
    assert (lead.title, lead.title_key, lead.city) == ("CTO", "cto", "Bonn")


def test_a_default_country_never_overwrites_a_known_one():
    make_lead(email="anna@firm.example", country="US")
    options = {"update_rule": "overwrite", "country": "DE"}
    run_import("email,city\nanna@firm.example,Bonn\nbob@firm.example,Ulm\n", options=options)
    assert list(Lead.objects.order_by("pk").values_list("country", flat=True)) == ["US", "DE"]


def test_an_erased_lead_is_not_filled_again():
    from django.utils import timezone

    lead = make_lead("", external_id="7", source="crm", erased_at=timezone.now())
    run_import("id,name,email\n7,Anna,anna@firm.example\n", source="crm")
    lead.refresh_from_db()
    assert (lead.full_name, lead.identities.count(), Lead.objects.count()) == ("", 0, 1)


@pytest.mark.parametrize(
    ("text", "leads", "duplicates"),
    [
        ("name,email\nAnna,a@x.example\nAnna,A@X.example\n", 1, 1),
        ("name,phone\nAnna,+12125550101\nAnna,+1 (212) 555-0101\n", 1, 1),
        ("name,email,phone\nAnna,a@x.example,+12125550101\nAnna,,+12125550101\n", 1, 0),
        ("name,email,phone\nAnna,a@x.example,+12125550101\nBob,b@x.example,+12125550101\n", 2, 0),
        ("name,company\nAnna K,Firm\nAnna K,FIRM GmbH\n", 1, 1),
        ("name,email,email 2\nAnna,a@x.example,b@x.example\nAnna,b@x.example,\n", 1, 0),
        ("name,linkedin\nAnna,https://www.linkedin.com/in/anna/\nAnna,linkedin.com/in/Anna?x=1\n", 1, 1),
    ],
)
def test_duplicates_inside_the_file_become_one(text, leads, duplicates):
    batch = run_import(text)
    assert (Lead.objects.count(), batch.counts["duplicates"]) == (leads, duplicates)
    again = run_import(text)
    assert (again.counts["created"], again.counts["updated"], Lead.objects.count()) == (0, 0, leads)


def test_source_and_external_id_recognise_a_person_who_changed_the_address():
    run_import("id,name,email\n7,Anna,a@x.example\n", source="crm")
    batch = run_import("id,name,email\n7,Anna,new@x.example\n", source="crm")
    assert (batch.counts["updated"], Lead.objects.count(), Identity.objects.count()) == (1, 1, 2)
    assert Identity.objects.filter(is_primary=True).count() == 1


def test_ids_without_a_source_recognise_nobody():
    run_import("id,name,email\n7,Anna,a@x.example\n")
    run_import("id,name,email\n7,Bob,b@x.example\n")
    assert Lead.objects.count() == 2
    assert Lead.objects.first().attributes == {"external_id": "7"}


COMPANIES = """Name,TIN,Country,Employees,Registration number
Firm GmbH,DE 123.456.789,Germany,"1,200",HRB 100
Romashka LLC,7707083893,RU,51-200,
"""


def test_companies_come_in_and_are_recognised_by_tax_id():
    batch = run_import(COMPANIES, kind="companies")
    assert (batch.counts["created"], batch.counts["rejected"]) == (2, 0)
    firm = Company.objects.get(tax_id="DE123456789")
    assert (firm.employee_count, firm.registration_number) == (1200, "HRB100")
    again = run_import("Name,TIN,Country\nFirm Renamed,DE123456789,DE\n", kind="companies")
    assert (again.counts["created"], Company.objects.count()) == (0, 2)
    without_country = run_import("Name,TIN\nFirm,DE123456789\n", kind="companies")
    assert (without_country.counts["created"], Company.objects.count()) == (0, 2)


def test_a_company_known_by_name_gets_its_tax_id():
    make_company("Firm AG", country="DE")
    batch = run_import(COMPANIES, kind="companies")
    assert (batch.counts["created"], batch.counts["updated"]) == (1, 1)
    assert Company.objects.get(name="Firm AG").tax_id == "DE123456789"


def test_two_tax_ids_with_one_registration_number_do_not_break_the_import():
    text = "Name,TIN,Country,Registration number\nA,1111,DE,R1\nB,2222,DE,R1\nC,,DE,R1\n"
    batch = run_import(text, kind="companies")
    assert batch.state == "done"
    assert run_import(text, kind="companies").counts["created"] == 0


def test_the_row_of_a_weaker_key_joins_the_company_of_the_stronger_one():
    run_import("Name,TIN,Country\nFirm GmbH,,DE\nFirm,DE123456789,DE\n", kind="companies")
    assert Company.objects.get().tax_id == "DE123456789"


def test_rejected_rows_are_kept_with_line_code_and_cells_and_can_be_mended():
    text = (
        "Name,E-mail,Phone,Company,TIN\n"
        "Anna,not an address,,Firm,\n"
        "Bob,bob@x.example,12,Firm,\n"
        "Carl,carl@x.example,,Firm,7.7E+09\n"
        "Nobody,,,,\n"
        '"=1+1",eva@x.example,,Firm,\n'
    )
    batch = run_import(text)
    rejected = list(RejectedRow.objects.filter(batch=batch, is_warning=False).values_list("row_number", "code"))
    assert rejected == [(2, "email_invalid"), (4, "tax_id_mangled"), (5, "no_address")]
    warned = list(RejectedRow.objects.filter(batch=batch, is_warning=True).values_list("row_number", "code"))
    assert warned == [(3, "phone_invalid"), (6, "formula_cell")]
    counts = batch.counts
    assert (
        counts["rows"]
        == counts["created"] + counts["updated"] + counts["unchanged"] + counts["duplicates"] + counts["rejected"]
    )
    assert Lead.objects.get(full_name="=1+1")
    mended = "".join(reports.rejected_file(batch)).replace("not an address", "anna@x.example")
    again = run_import(mended)
    assert (again.counts["created"], again.counts["rejected"]) == (1, 2)


def test_an_address_that_belongs_to_somebody_else_stays_there():
    make_lead("Anna", phone="+12125550101")
    batch = run_import("name,email,phone\nBob,bob@x.example,+12125550101\n")
    assert batch.counts["warnings_by_code"] == {"address_taken": 1}
    assert Lead.objects.count() == 2


def test_unmapped_columns_are_kept_when_chosen():
    run_import("email,Shoe size\na@x.example,43\n", options={"keep_unmapped": True})
    assert Lead.objects.get().attributes == {"Shoe size": "43"}


def test_backslashes_quotes_and_line_breaks_survive():
    run_import('email,title,notes\na@x.example,"C:\\new ""x""","line 1\nline 2\ttab"\n')
    lead = Lead.objects.get()
    assert (lead.title, lead.description) == ('C:\\new "x"', "line 1\nline 2 tab")


def test_the_preview_writes_nothing_and_shows_problems_inline():
    batch = upload("name,email\nAnna,a@x.example\nBob,nonsense\n")
    preview = previews.preview(batch)
    assert [row.code for row in preview.rows] == ["", "email_invalid"]
    assert preview.rows[0].values["email"] == "a@x.example"
    assert Lead.objects.count() == RejectedRow.objects.count() == 0


def test_a_dry_run_counts_exactly_and_takes_everything_back():
    batch = upload(PEOPLE)
    counts = services.dry_run(batch=batch)
    assert (counts["created"], counts["companies_created"]) == (2, 2)
    assert (Lead.objects.count(), Company.objects.count(), Identity.objects.count()) == (0, 0, 0)
    batch.refresh_from_db()
    assert batch.state == "uploaded"


def test_a_batch_runs_once():
    batch = run_import(PEOPLE)
    with pytest.raises(Refused):
        services.start(batch=batch, actor=ACTOR)


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"Nope": "email"}, "column_missing"),
        ({"Name": "shoe"}, "field_unknown"),
        ({"Name": "email", "E-mail": "email"}, "field_twice"),
        ({"Country": "country"}, "mapping_incomplete"),
    ],
)
def test_a_mapping_that_cannot_work_is_said_plainly(mapping, code):
    batch = upload(PEOPLE)
    with pytest.raises(Invalid) as caught:
        services.set_mapping(batch=batch, mapping=mapping)
    assert caught.value.code == code


def test_another_delimiter_is_read_anew():
    batch = upload("name;email,x\nAnna;a@x.example,1\n", options={"delimiter": ","})
    assert batch.detected["columns"] == ["name;email", "x"]
    services.set_mapping(batch=batch, options={"delimiter": ";"})
    assert batch.detected["columns"] == ["name", "email,x"]


def test_a_long_cell_is_one_rejected_row():
    text = "name,email\nAnna,a@x.example\nBob," + "x" * 10_000_000 + "\nCarl,c@x.example\n"
    batch = run_import(text)
    assert (batch.counts["created"], batch.counts["rejected_by_code"]) == (2, {"cell_too_long": 1})
    assert RejectedRow.objects.get().row_number == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_import_twice_at_once_creates_once():
    text = "name,email,company,tin\n" + "".join(f"P{i},p{i}@x.example,Firm {i % 7},99{i % 7}00\n" for i in range(300))
    batches = [upload(text) for _ in range(3)]
    for batch in batches:
        services.start(batch=batch, actor=ACTOR)
    errors = []

    def work(pk):
        try:
            services.run(batch=Batch.objects.get(pk=pk))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(b.pk,)) for b in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert (Lead.objects.count(), Identity.objects.count(), Company.objects.count()) == (300, 300, 7)
    assert sum(b.counts["created"] for b in Batch.objects.all()) == 300


@pytest.mark.django_db(transaction=True)
def test_a_person_entered_by_hand_during_the_merge_is_not_doubled():
    from leads.imports.upsert import people as upsert_people

    batch = upload("name,email\nAnna,a@x.example\nBob,b@x.example\n")
    services.start(batch=batch, actor=ACTOR)
    original = upsert_people.PersonUpsert._insert_people

    def insert_after_somebody_else(self, kind):
        def enter():
            make_lead("Anna by hand", email="a@x.example")
            connections.close_all()

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        original(self, kind)

    upsert_people.PersonUpsert._insert_people = insert_after_somebody_else
    try:
        counts = services.run(batch=batch)
    finally:
        upsert_people.PersonUpsert._insert_people = original
    assert (Lead.objects.count(), counts["created"], counts["unchanged"]) == (2, 1, 1)
    assert connection.connection is not None


@pytest.mark.django_db(transaction=True)
def test_a_company_entered_by_hand_during_the_merge_is_not_doubled():
    from leads.imports.upsert import companies as upsert_companies

    batch = upload("Name,TIN,Country\nFirm GmbH,DE1234,DE\nOther AG,DE5678,DE\n", kind="companies")
    services.start(batch=batch, actor=ACTOR)
    original = upsert_companies.CompanyUpsert._insert_companies

    def insert_after_somebody_else(self, kind):
        def enter():
            make_company("Firm by hand", tax_id="DE1234", country="DE")
            connections.close_all()

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        original(self, kind)

    upsert_companies.CompanyUpsert._insert_companies = insert_after_somebody_else
    try:
        counts = services.run(batch=batch)
    finally:
        upsert_companies.CompanyUpsert._insert_companies = original
    assert (Company.objects.count(), counts["created"], counts["unchanged"]) == (2, 1, 1)


@pytest.mark.django_db
def test_a_cancelled_job_stops_the_import_and_leaves_nothing(monkeypatch):
    from outreach.jobs import services as jobs

    monkeypatch.setattr(running, "CHUNK_ROWS", 2)
    batch = upload("email\n" + "".join(f"p{n}@x.example\n" for n in range(9)))
    job = services.start(batch=batch, actor=ACTOR)
    job.state = "running"
    job.save()
    jobs.cancel(job=job, actor=ACTOR)
    from leads.imports import tasks

    with pytest.raises(Refused):
        tasks.run(job)
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("failed", 0)


@pytest.mark.django_db
def test_a_failed_import_may_run_again_after_its_file_is_back():
    from outreach.core.errors import Permanent

    batch = upload(PEOPLE)
    services.start(batch=batch, actor=ACTOR)
    name, content = batch.file.name, batch.file.read()
    batch.file.storage.delete(name)
    with pytest.raises(Permanent):
        services.run(batch=batch)
    batch.refresh_from_db()
    assert (batch.state, bool(batch.error)) == ("failed", True)
    batch.file.storage.save(name, ContentFile(content))
    assert services.run(batch=batch)["created"] == 2


def test_an_import_that_is_interrupted_at_its_very_end_leaves_nothing_and_runs_again(monkeypatch):
    finish = running._finish

    def interrupted(*arguments):
        finish(*arguments)
        raise KeyboardInterrupt

    batch = upload(PEOPLE)
    monkeypatch.setattr(running, "_finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        services.run_now(batch=batch, actor=ACTOR)
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count(), Company.objects.count()) == ("failed", 0, 0)
    monkeypatch.setattr(running, "_finish", finish)
    assert services.run(batch=batch)["created"] == 2


def test_an_import_whose_process_was_killed_is_closed_and_may_run_again():
    killed, running_on, waiting = upload(PEOPLE), upload(PEOPLE), upload(PEOPLE)
    for batch in (killed, running_on):
        BATCH.move(batch, "running", actor=ACTOR)
    services.start(batch=waiting, actor=ACTOR)
    with another_process(f"import:{running_on.pk}"):
        assert abandoned.close() == 1
    for batch in (killed, running_on, waiting):
        batch.refresh_from_db()
    assert (killed.state, running_on.state, waiting.state) == ("failed", "running", "running")
    assert "run it again" in str(killed.error)
    waiting.job.state = "failed"
    waiting.job.save()
    assert abandoned.close() == 2
    assert services.run(batch=killed)["created"] == 2


def test_a_file_is_not_left_behind_when_its_batch_could_not_be_stored(monkeypatch):
    stored = []

    def interrupted(batch, *_arguments, **_named):
        stored.append(batch.file.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(Batch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upload(PEOPLE)
    assert stored[0] and not Batch._meta.get_field("file").storage.exists(stored[0])


@contextmanager
def another_process(lock: str) -> Iterator[None]:
    """Somebody else who holds `lock` by a connection of their own."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(7, %s::int)", [zlib.crc32(lock.encode()) - 2**31])
            yield
    finally:
        other.close()


def test_a_dry_run_keeps_the_rows_with_problems_until_the_import():
    batch = upload("name,email\nAnna,a@x.example\nBob,nonsense\n")
    services.dry_run(batch=batch)
    assert [row.code for row in RejectedRow.objects.filter(batch=batch)] == ["email_invalid"]
    assert (batch.trial["created"], batch.trial["rejected"], batch.counts, Lead.objects.count()) == (1, 1, {}, 0)
    services.run_now(batch=batch, actor=ACTOR)
    assert RejectedRow.objects.filter(batch=batch).count() == 1


def test_a_dry_run_as_a_job_leaves_the_batch_open():
    batch = upload("name,email\nAnna,a@x.example\n")
    services.start_dry_run(batch=batch, actor=ACTOR)
    with pytest.raises(Refused) as error:
        services.start(batch=batch, actor=ACTOR)
    assert error.value.code == "dry_run_running"
    drain()
    batch.refresh_from_db()
    assert (batch.state, batch.trial["created"], Lead.objects.count()) == ("uploaded", 1, 0)
    services.set_mapping(batch=batch, mapping={"email": "email"})
    assert batch.trial == {}
    services.start(batch=batch, actor=ACTOR)
    drain()
    batch.refresh_from_db()
    assert (batch.state, Lead.objects.count()) == ("done", 1)
