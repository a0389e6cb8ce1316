from datetime import timedelta

import pytest
from django.db import connection

from leads import selectors
from leads.models import Company, Lead
from outreach.core import clock
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


def test_a_common_name_is_found_by_walking_the_list_with_the_same_result(monkeypatch):
    company = make_company("Anna Works")
    make_lead("Anna Berg")
    make_lead("Boris Beck", company=company)
    make_lead("Carl Dahl", email="anna.dahl@zeta.example")
    make_lead("Dora Other")
    for lead in Lead.objects.all():
        Lead.objects.filter(pk=lead.pk).update(name_key=lead.full_name.lower())
    seldom = names(search="anna")
    count = selectors.lead_count(search="anna")
    monkeypatch.setattr(selectors, "COMMON", 1)
    assert names(search="anna") == seldom == ["Carl Dahl", "Boris Beck", "Anna Berg"]
    assert selectors.lead_count(search="anna") == count == 3
    monkeypatch.setattr(selectors, "COUNT_CAP", 1)
    assert selectors.lead_count(search="anna") == 1


def test_pages_follow_each_other_without_gaps():
    for number in range(7):
        make_lead(f"P{number}")
    first = selectors.lead_list(limit=3)
    second = selectors.lead_list(limit=3, after=first.next_after)
    third = selectors.lead_list(limit=3, after=second.next_after)
    assert [row["full_name"] for page in (first, second, third) for row in page.rows] == [
        f"P{n}" for n in range(6, -1, -1)
    ]
    assert third.next_after == ""


@pytest.mark.parametrize("sort", sorted(selectors.LEAD_SORTS))
def test_every_order_pages_through_everyone_once_with_the_unknown_last(sort):
    for number in range(9):
        lead = make_lead(f"Name {number % 3}")
        moment = clock.now() - timedelta(days=number % 4) if number % 2 else None
        Lead.objects.filter(pk=lead.pk).update(last_contacted_at=moment, last_replied_at=moment)
    everyone = selectors.lead_list(limit=50, sort=sort).rows
    seen, after = [], ""
    while True:
        page = selectors.lead_list(limit=2, sort=sort, after=after)
        seen += [row["id"] for row in page.rows]
        if not (after := page.next_after):
            break
    assert seen == [row["id"] for row in everyone] and len(set(seen)) == 9
    order = selectors.LEAD_SORTS[sort]
    values = [row[order.column] for row in everyone if row[order.column] is not None]
    assert values == sorted(values, reverse=order.is_descending)
    if order.is_nullable:
        assert [row[order.column] is None for row in everyone] == [False] * len(values) + [True] * (9 - len(values))


@pytest.mark.parametrize("after", ["x", "5:not a date", ":", "99999999999999999999:1", "7:2026-01-01T00:00:00"])
def test_a_strange_place_in_the_list_is_no_error(after):
    make_lead("Anna")
    assert isinstance(selectors.lead_list(sort="-contacted", after=after).rows, list)


def test_values_in_use_are_found_without_reading_the_table():
    for status in ("warm", "", "cold", "warm"):
        make_lead("P", status=status)
    assert selectors.in_use(Lead, "status") == ["cold", "warm"]


def test_a_search_in_a_big_table_reads_by_index():
    firm = Company.objects.create(name="F", name_key="f")
    Lead.objects.bulk_create(
        [
            Lead(full_name=f"P{n}", name_key=f"person{n} number{n}", company=firm if n == 5 else None)
            for n in range(4_000)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")
        cursor.execute("ANALYZE leads_company")
        cursor.execute("ANALYZE leads_identity")
    for text in ("number3999", "person77 number77"):
        plan = selectors.lead_query(search=text).order_by("-pk").values("pk")[:51].explain()
        assert "Seq Scan on leads_lead" not in plan, plan
