import pytest

from leads.duplicates import services
from leads.duplicates.models import Duplicate, Kind, Reason
from outreach.jobs.draining import drain
from tests.leads.factories import ACTOR, make_company, make_lead, run_import

pytestmark = pytest.mark.django_db


def look(*rows):
    kind = Kind.LEAD if hasattr(rows[0], "full_name") else Kind.COMPANY
    services.look_at(kind=kind, ids=[row.pk for row in rows])
    return [(pair.low.pk, pair.high.pk, pair.reason) for pair in Duplicate.objects.order_by("pk")]


def test_the_same_name_in_the_same_company():
    firm = make_company()
    one, other = make_lead("Anna Kern", company=firm), make_lead("Kern Anna", company=firm)
    make_lead("Anna Kern", company=make_company("Other AG"))
    assert look(other) == [(one.pk, other.pk, Reason.SAME_NAME_AND_COMPANY)]


def test_the_same_name_at_the_same_domain():
    one = make_lead("Anna Kern", email="anna@firm.example")
    other = make_lead("Anna Kern", email="a.kern@firm.example")
    make_lead("Anna Kern", email="anna.kern@gmail.com")
    make_lead("Anna Kern", email="kern.anna@gmail.com")
    assert look(other) == [(one.pk, other.pk, Reason.SAME_NAME_AND_DOMAIN)]


def test_free_mail_says_nothing_about_who_is_who():
    make_lead("Anna Kern", email="anna.kern@gmail.com")
    assert look(make_lead("Anna Kern", email="kern.anna@gmail.com")) == []


def test_a_mailbox_with_a_tag_is_the_same_mailbox():
    one = make_lead("Anna", email="anna@firm.example")
    other = make_lead("A. K.", email="anna+list@firm.example")
    assert look(other) == [(one.pk, other.pk, Reason.TAGGED_ADDRESS)]


def test_companies_with_the_same_domain_name_or_tax_id():
    one = make_company("Firm GmbH", domain="firm.example")
    two = make_company("Firm Holding", domain="firm.example", country="US")
    three = make_company("FIRM", country="")
    four = make_company("Vega", tax_id="123456789")
    five = make_company("Vega Deutschland", tax_id="DE123456789")
    assert look(two, three, five) == [
        (four.pk, five.pk, Reason.SAME_TAX_ID),
        (one.pk, two.pk, Reason.SAME_DOMAIN),
        (one.pk, three.pk, Reason.SAME_NAME),
    ]


def test_two_tax_ids_are_two_companies():
    make_company("Firm GmbH", tax_id="1111111111")
    assert look(make_company("Firm", tax_id="2222222222")) == []


def test_a_pair_is_proposed_once_and_never_again_when_kept_apart():
    firm = make_company()
    one, other = make_lead("Anna Kern", company=firm), make_lead("Anna Kern", company=firm)
    look(one, other)
    services.keep_apart(pair=Duplicate.objects.get(), actor=ACTOR)
    look(other)
    assert (Duplicate.objects.get().state, services.queue().count()) == ("apart", 0)


def test_an_address_of_somebody_else_in_a_row_is_a_conflict_to_decide():
    run_import("name,email,phone\nAnna,a@x.example,\nAnna K,b@x.example,+12125550101\n")
    run_import("name,email,email 2\nAnna,a@x.example,b@x.example\n")
    pair = Duplicate.objects.get()
    assert (pair.reason, pair.state) == (Reason.ADDRESS_CONFLICT, "open")


@pytest.mark.django_db(transaction=True)
def test_an_import_is_looked_at_when_it_is_done():
    firm = make_company("Firm GmbH", country="")
    make_lead("Anna Kern", email="anna@one.example", company=firm)
    run_import("name,email,company\nAnna Kern,anna@two.example,Firm\nBob,bob@two.example,Firm\n")
    drain()
    assert [pair.reason for pair in services.queue()] == [Reason.SAME_NAME_AND_COMPANY]


def test_looking_costs_index_lookups_not_scans(django_assert_num_queries):
    from django.db import connection

    from leads.duplicates import detection

    firm = make_company()
    for number in range(300):
        make_lead(f"Person {number}", company=firm)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE leads_lead")
        cursor.execute("SET LOCAL enable_seqscan = off")
        statements = [sql for _reason, _score, sql in detection._LEADS]
        for sql in statements:
            cursor.execute(
                f"EXPLAIN WITH these(id) AS MATERIALIZED ({detection.THESE}) {sql}",
                {"ids": [1], "most": 5, "free": ["gmail.com"]},
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan" not in plan, plan
