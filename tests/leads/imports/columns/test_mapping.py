"""Which columns are recognised by their names, and what is asked for when none is."""

import pytest

from leads.imports.columns import mapping


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Full Name (contact)", "full_name"),
        ("Job role", "title"),
        ("Org.", "company.name"),
        ("Mail 1 (work)", "email"),
        ("# Headcount", "company.employee_count"),
        ("Li URL", "network"),
        ("Land", "country"),
        ("Tel.", "phone"),
        ("Deal $", ""),
    ],
)
def test_headers_of_everyday_lists_are_recognised(header, field):
    assert mapping.propose(kind="people", columns=[header])[0].field == field


def missing(columns, mapped, row=()):
    found = mapping.missing(kind="people", columns=columns, mapping=mapped, samples=[list(row)] if row else [])
    return {entry.field: entry.candidates for entry in found}


def test_what_is_not_mapped_is_named_with_likely_columns_first():
    columns = ["Shoe", "Who", "Role held", "Firm or org", "Mailbox"]
    row = ["43", "Anna Kern", "CTO", "Vega", "a@x.example"]
    found = missing(columns, {}, row)
    assert found["full_name"][0] == "Who" and found["title"][0] == "Role held"
    assert found["company.name"][0] == "Firm or org" and found["email"][0] == "Mailbox"


def test_first_and_last_name_are_a_name_and_a_second_address_is_one():
    columns = ["A", "B", "C", "D"]
    mapped = {"A": "last_name", "B": "email_2", "C": "title", "D": "company.name"}
    assert missing(columns, mapped) == {}


def test_a_column_kept_as_it_is_may_be_the_one():
    assert missing(["Contact"], {"Contact": "attributes"})["full_name"] == ["Contact"]
