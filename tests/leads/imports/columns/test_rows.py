"""Rows with more in a cell than one value, and with values that programs take for nothing."""

import pytest

from leads.imports.columns.mapping import known_export, propose
from leads.imports.columns.rows import RowCleaner
from leads.models import Company, Identity, Lead
from tests.leads.factories import run_import


def cleaned(header: str, *cells: str) -> dict[str, str]:
    columns = header.split(",")
    mapping = {p.column: p.field for p in propose(kind="people", columns=columns) if p.field}
    person = RowCleaner(kind="people", columns=columns, mapping=mapping).clean(cells).person
    assert person is not None
    return person


@pytest.mark.parametrize(
    ("first", "last", "full"),
    [
        ("Jenny", "Null", "Jenny Null"),
        ("Nan", "Phothisan", "Nan Phothisan"),
        ("Ole", "None", "Ole None"),
        ("Na", "Li", "Na Li"),
        ("Dr. Ann", "VALE", "Ann Vale"),
        ("PER", "NIL", "Per Nil"),
        ("Jenny", "NULL", "Jenny"),
        ("Jenny", "nan", "Jenny"),
        ("None", "None", ""),
        ("null", "Weber", "Weber"),
        ("NaN", "", ""),
    ],
)
def test_people_are_called_null_and_programs_write_it(first, last, full):
    assert cleaned("First Name,Last Name,Email", first, last, "a@firm.example")["full_name"] == full


@pytest.mark.parametrize(
    ("cells", "country"),
    [
        (("Ann", "a@firm.example", "NA", "Windhoek"), "NA"),
        (("Ann", "a@firm.example", "NA", "NA"), ""),
        (("Ann", "a@firm.example", "n/a", "Oslo"), ""),
    ],
)
def test_na_is_namibia_unless_the_list_writes_it_for_nothing(cells, country):
    assert cleaned("Name,Email,Country,City", *cells)["country"] == country


@pytest.mark.parametrize(
    "cell", ["ann@a.example ::: ann@b.example", "ann@a.example; ann@b.example", "ann@a.example, ann@b.example", "Ann <ann@a.example> | ann@b.example"]
)  # fmt: skip
def test_two_addresses_in_a_cell_are_both_kept(cell):
    person = cleaned("Name,Email", "Ann", cell)
    assert (person["email"], person["email_2"]) == ("ann@a.example", "ann@b.example")


def test_two_numbers_in_a_cell_are_both_kept_and_a_third_one_is_reported():
    header = ["Name", "Phone"]
    cleaner = RowCleaner(
        kind="people", columns=header, mapping={"Name": "full_name", "Phone": "phone"}, default_country="US"
    )
    row = cleaner.clean(["Ann", "212 555 0101 / 212 555 0102 / 212 555 0103"])
    assert row.person is not None
    assert (row.person["phone"], row.person["phone_2"]) == ("+12125550101", "+12125550102")
    assert [warning.code for warning in row.warnings] == ["address_surplus"]


@pytest.mark.django_db
def test_googles_contacts_come_in_with_all_their_addresses_labels_and_profiles():
    header = "First Name,Last Name,Organization Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Website 1 - Value"
    batch = run_import(
        f"{header}\nAnn,Vale,Firm,* myContacts ::: Buyers,* Work ::: Home,ann@a.example ::: ann@b.example,Mobile ::: Work,"
        "+1 212-555-0101 ::: +1 212-555-0102,https://www.linkedin.com/in/ann-vale\n"
    )
    assert known_export(header.split(",")) == "Google Contacts"
    assert Lead.objects.get().tags == ["mycontacts", "buyers"]
    assert set(Identity.objects.values_list("address", flat=True)) == {
        "ann@a.example", "ann@b.example", "+12125550101", "+12125550102", "linkedin.com/in/ann-vale",
    }  # fmt: skip
    assert batch.counts["rejected"] == 0
    assert Company.objects.get().website == ""


@pytest.mark.parametrize("columns", [["Headline", "Job Title"], ["Job Title", "Headline"]])
def test_a_headline_gives_way_to_a_job_title(columns):
    found = {p.column: p.field for p in propose(kind="people", columns=columns)}
    assert found["Job Title"] == "title"
    assert found["Headline"] != "title"
