"""Exports of other programs, saved mappings, mixed sheets, the newest wins, checked numbers and addresses."""

import pytest

from leads.cleaning.moments import moment
from leads.cleaning.tax_ids import check
from leads.imports import services
from leads.imports.columns import mapping as mappings
from leads.imports.models import RejectedRow, SavedMapping
from leads.models import Company, Identity, Lead
from outreach.core.errors import Invalid
from tests.leads.factories import ACTOR, make_lead, run_import, upload

EXPORTS = {
    "HubSpot": (
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Associated Company,Job Title,Country/Region,Last Modified Date",
        {"external_id", "first_name", "last_name", "email", "phone", "status", "company.name", "title", "country", "changed_at"},
    ),
    "Apollo": (
        "First Name,Last Name,Title,Company,Email,Email Status,Seniority,# Employees,Industry,Person Linkedin Url,Website,Company Country,Corporate Phone,Apollo Contact Id",
        {"first_name", "last_name", "title", "company.name", "email", "company.employee_count", "company.industry", "network",
         "company.website", "company.country", "company.phone", "external_id"},
    ),
    "Salesforce": (
        "Contact ID,First Name,Last Name,Title,Account Name,Mailing City,Mailing Country,Phone,Mobile,Email,Last Modified Date",
        {"external_id", "first_name", "last_name", "title", "company.name", "city", "country", "phone", "email", "changed_at"},
    ),
    "Pipedrive": (
        "Person - Name,Person - Email - Work,Person - Phone - Work,Organization - Name,Person - Job Title",
        {"full_name", "email", "phone", "company.name", "title"},
    ),
    "LinkedIn connections": (
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        {"first_name", "last_name", "network", "email", "company.name", "title"},
    ),
    "Sales Navigator": (
        "Full Name,Current Title,Current Company,Location,Profile URL",
        {"full_name", "title", "company.name", "network"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exports_of_other_programs_are_known(name):
    header, fields = EXPORTS[name]
    columns = header.split(",")
    sample = ["https://www.linkedin.com/in/anna" if column == "URL" else "" for column in columns]
    proposals = mappings.propose(kind="people", columns=columns, samples=[sample])
    assert mappings.known_export(columns) == name
    assert fields <= {p.field for p in proposals}


RUSSIAN = {
    "HubSpot": (
        "Идентификатор записи,Имя,Фамилия,Эл. почта,Номер телефона,Должность,Название компании,Страна/регион,Статус лида",
        ["external_id", "first_name", "last_name", "email", "phone", "title", "company.name", "country", "status"],
    ),
    "Pipedrive": (
        "Человек - ID,Человек - Имя,Человек - Электронная почта - Рабочий,Человек - Телефон - Рабочий,Человек - Организация",
        ["external_id", "full_name", "email", "phone", "company.name"],
    ),
}


@pytest.mark.parametrize("name", RUSSIAN)
def test_every_column_of_russian_exports_has_its_place(name):
    header, fields = RUSSIAN[name]
    columns = header.split(",")
    assert mappings.known_export(columns) == name
    assert [p.field for p in mappings.propose(kind="people", columns=columns)] == fields


def test_of_several_numbers_the_mobile_one_is_kept_beside_the_first():
    columns = ["First Phone", "Work Direct Phone", "Mobile Phone"]
    assert [p.field for p in mappings.propose(kind="people", columns=columns)] == ["phone", "", "phone_2"]


def test_russian_exports_are_known():
    columns = [
        "Контактное лицо - Имя",
        "Электронная почта",
        "Рабочий телефон",
        "Организация - Название",
        "Должность",
        "ИНН",
        "ОГРН",
        "Дата изменения",
    ]
    fields = [p.field for p in mappings.propose(kind="people", columns=columns)]
    assert fields[:1] + fields[3:] == [
        "full_name",
        "company.name",
        "title",
        "company.tax_id",
        "company.registration_number",
        "changed_at",
    ]


@pytest.mark.django_db
def test_the_mapping_of_a_source_is_proposed_again():
    text = "Wer,Adresse,Bemerkung\nAnna,a@x.example,hallo\n"
    chosen = {"Wer": "full_name", "Adresse": "email", "Bemerkung": "description"}
    run_import(text, mapping=chosen, source="Messe", options={"country": "DE"})
    again = upload("WER;Bemerkung;Adresse;Neu\nBob;x;b@x.example;y\n", source="Messe")
    assert (again.mapping, again.options["country"]) == (
        {"WER": "full_name", "Bemerkung": "description", "Adresse": "email", "Neu": ""},
        "DE",
    )
    assert upload(text, source="Other").mapping["Wer"] == ""
    assert SavedMapping.objects.get().used_count == 1


@pytest.mark.django_db
def test_one_sheet_holds_people_and_companies():
    text = "name,email,company,city\nAnna,a@x.example,Firm,Bonn\n,,Lonely GmbH,Ulm\n,not an address,Broken GmbH,\n,,,\n"
    batch = run_import(text, kind="both")
    counts = batch.counts
    assert (counts["rows"], counts["created"], counts["company_rows"], counts["rejected"]) == (3, 1, 1, 1)
    assert set(Company.objects.values_list("name", flat=True)) == {"Firm", "Lonely GmbH"}


@pytest.mark.django_db
def test_a_rejected_row_does_not_take_its_company_from_the_next():
    run_import("name,email,company\nAnna,bad,Firm\nBob,b@x.example,Firm\n")
    assert Lead.objects.get().company.name == "Firm"


@pytest.mark.django_db
def test_the_newest_wins():
    make_lead("Anna", email="a@x.example", title="Engineer", title_key="engineer")
    options = {"update_rule": "newest"}
    run_import("email,title,city,last modified date\na@x.example,CTO,Bonn,2001-01-01\n", options=options)
    lead = Lead.objects.get()
    assert (lead.title, lead.city) == ("Engineer", "Bonn")
    newer = "email,title,last modified date\na@x.example,CTO,2100-01-01\n"
    run_import(newer, options=options)
    lead.refresh_from_db()
    assert (lead.title, lead.as_of_at.year) == ("CTO", 2100)
    again = run_import(newer, options=options)
    assert (again.counts["updated"], again.counts["unchanged"]) == (0, 1)
    run_import("email,title,last modified date\na@x.example,Intern,2099-01-01\n", options=options)
    lead.refresh_from_db()
    assert lead.title == "CTO"


@pytest.mark.django_db
def test_the_newest_wins_needs_a_date():
    batch = upload("email,title\na@x.example,CTO\n", options={"update_rule": "newest"})
    with pytest.raises(Invalid) as caught:
        services.start(batch=batch, actor=ACTOR)
    assert caught.value.code == "changed_at_missing"


@pytest.mark.parametrize(
    ("text", "moment_of"),
    [
        ("2024-03-05", "2024-03-05T00:00:00+00:00"),
        ("2024-03-05T10:00:00+02:00", "2024-03-05T08:00:00+00:00"),
        ("05.03.2024 14:30", "2024-03-05T14:30:00+00:00"),
        ("3/15/2024 2:30 PM", "2024-03-15T14:30:00+00:00"),
        ("15/3/2024", "2024-03-15T00:00:00+00:00"),
        ("05 Mar 2024", "2024-03-05T00:00:00+00:00"),
        ("", ""),
    ],
)
def test_dates_of_exports_are_read(text, moment_of):
    assert moment(text) == moment_of


@pytest.mark.parametrize(
    ("text", "code"), [("3/4/2024", "date_ambiguous"), ("soon", "date_invalid"), ("99.99.2024", "date_invalid")]
)
def test_dates_are_never_guessed(text, code):
    with pytest.raises(Invalid) as caught:
        moment(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("value", "country", "kept", "scheme", "is_valid"),
    [
        ("7707083893", "RU", "7707083893", "INN", True),
        ("7707083894", "RU", "7707083894", "INN", False),
        ("500100732259", "RU", "500100732259", "INN", True),
        ("1027700132195", "RU", "1027700132195", "OGRN", True),
        ("304500116000157", "RU", "304500116000157", "OGRNIP", True),
        ("773601001", "RU", "773601001", "KPP", False),
        ("DE136695976", "", "DE136695976", "VAT", True),
        ("DE123456789", "DE", "DE123456789", "VAT", False),
        ("EL094259216", "GR", "EL094259216", "VAT", True),
        ("GB980780684", "GB", "GB980780684", "VAT", True),
        ("911144442", "US", "911144442", "EIN", True),
        ("HRB100", "DE", "HRB100", "", None),
        ("10000001", "DE", "10000001", "", None),
        ("", "RU", "", "", None),
    ],
)
def test_numbers_are_checked_by_their_own_digits(value, country, kept, scheme, is_valid):
    found = check(value, country)
    assert (found.value, found.scheme, found.is_valid) == (kept, scheme, is_valid)


def test_a_zero_that_a_spreadsheet_ate_is_put_back():
    whole = next(f"0{n}" for n in range(100_000_000, 100_000_100) if check(f"0{n}", "RU").is_valid)
    assert check(whole[1:], "RU").value == whole


@pytest.mark.django_db
def test_a_column_called_inn_says_whose_numbers_it_holds():
    batch = run_import("Компания;ИНН\nВега;7707083894\nЗаря;7707083893\nАлатау;123456789\n", kind="companies")
    assert (batch.counts["created"], batch.counts["warnings_by_code"]) == (3, {"tax_id_check_failed": 1})


@pytest.mark.django_db
def test_a_number_with_wrong_check_digits_comes_in_and_is_reported():
    batch = run_import("name,tin,country\nFirm,7707083894,RU\n", kind="companies")
    assert (batch.counts["created"], batch.counts["warnings_by_code"]) == (1, {"tax_id_check_failed": 1})
    assert "INN" in RejectedRow.objects.get().reason


@pytest.mark.django_db
def test_shared_and_throw_away_mailboxes_are_marked_risky():
    batch = run_import("email\ninfo@firm.example\nanna@mailinator.com\nanna@firm.example\n")
    found = dict(Identity.objects.values_list("address", "status_reason"))
    assert found == {"info@firm.example": "role", "anna@mailinator.com": "disposable", "anna@firm.example": ""}
    assert (Identity.objects.filter(status="risky").count(), batch.counts["risky_addresses"]) == (2, 2)


def test_names_of_companies_are_compared_without_their_legal_forms():
    from pathlib import Path

    from leads.cleaning.cells import key
    from leads.cleaning.names import company_key

    rows = [
        line.split("\t") for line in (Path(__file__).parent / "held_out" / "company_names.tsv").read_text().splitlines()
    ]
    right = sum(company_key(name) == key(core) for name, core in rows)
    assert len(rows) == 158
    assert right / len(rows) >= 0.95
