import pytest
from django.db import connection

from leads import selectors
from leads.models import Company, Lead
from tests.leads.factories import make_company, make_lead

pytestmark = pytest.mark.django_db


def names(**filters):
    return [row["full_name"] for row in selectors.lead_list(**filters).rows]


def test_search_finds_names_companies_addresses_by_their_beginning():
    make_lead(
        "Anna Müller", email="anna.m@zeta.example", phone="+12125550101", company=make_company("Zeta Systems GmbH")
    )
    Lead.objects.update(name_key="anna muller")
    make_lead("Boris Other", email="boris@other.example")
    for text in (
        "ann",
        "mull",
        "Müller A",
        "zeta",
        "ZETA SYSTEMS",
        "anna.m",
        "anna.m@zeta",
        "+1 212 555",
        "12125550101",
    ):
        assert names(search=text) == ["Anna Müller"], text
    for text in ("nobody", "' OR 1=1 --", "!!!", "x@nowhere.example", "\\", "'a':* | 'b'"):
        assert names(search=text) == [], text


def test_pages_follow_each_other_without_gaps():
    for number in range(7):
        make_lead(f"P{number}")
    first = selectors.lead_list(limit=3)
    second = selectors.lead_list(limit=3, after=first.next_after)
    third = selectors.lead_list(limit=3, after=second.next_after)
    assert [row["full_name"] for page in (first, second, third) for row in page.rows] == [
        f"P{n}" for n in range(6, -1, -1)
    ]
    assert third.next_after is None


def test_statuses_are_found_without_reading_the_table():
    for status in ("warm", "", "cold", "warm"):
        make_lead("P", status=status)
    assert selectors.statuses() == ["cold", "warm"]


def test_a_search_in_a_big_table_reads_by_index():
    firm = Company.objects.create(name="F", name_key="f")
    Lead.objects.bulk_create(
        [
            Lead(full_name=f"P{n}", name_key=f"person{n} number{n}", company=firm if n == 5 else None)
            for n in range(20_000)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")
        cursor.execute("ANALYZE leads_company")
        cursor.execute("ANALYZE leads_identity")
    for text in ("number19999", "person77 number77"):
        plan = selectors.lead_query(search=text).order_by("-pk").values("pk")[:51].explain()
        assert "Seq Scan on leads_lead" not in plan, plan
